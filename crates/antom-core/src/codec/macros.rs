//! The vocabulary of the generated code: what `cargo xtask codegen` writes is lists of these.

/// Declares one message type with everything it needs.
///
/// ```text
/// message! {
///     /// Doc.
///     pub struct PayRequest("PayRequest") reads mirror {
///         required {
///             /// Doc.
///             payment_request_id: String = "paymentRequestId", plain, max 64;
///         }
///         optional {
///             /// Doc.
///             store_mcc: String = "storeMCC" | "storeMcc", plain, max 32;
///         }
///     }
/// }
/// ```
///
/// `reads always` for what arrives from the gateway, `reads mirror` for what is only sent (read with the
/// feature `wire-mirror`). A type whose members are all optional for reading may say which ones its
/// constructor takes: `pub struct Order("Order") reads always new(reference_order_id: String) { … }`.
/// Behind `max N` may follow, in this order: `, items N`, `, min N`, `, condition "text"` and, for an optional
/// member that requests must name all the same, `, demanded` or `, demanded "PayRequest" "OtherRequest"`.
macro_rules! message {
    (
        $(#[$meta:meta])*
        pub struct $name:ident($label:literal) reads $mode:ident $(new($($early:ident: $early_type:ty),* $(,)?))? {
            required { $(
                $(#[$rmeta:meta])*
                $r:ident: $rtype:ty = $rwire:literal $(| $ralias:literal)*, $rprivacy:ident, max $rmax:literal
                    $(, items $ritems:literal)? $(, min $rmin:literal)? $(, condition $rcondition:literal)?;
            )* }
            optional { $(
                $(#[$ometa:meta])*
                $o:ident: $otype:ty = $owire:literal $(| $oalias:literal)*, $oprivacy:ident, max $omax:literal
                    $(, items $oitems:literal)? $(, min $omin:literal)? $(, condition $ocondition:literal)?
                    $(, demanded $($odemand:literal)*)?;
            )* }
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone)]
        #[non_exhaustive]
        pub struct $name {
            $( $(#[$rmeta])* pub $r: $rtype, )*
            $( $(#[$ometa])* pub $o: Option<$otype>, )*
            /// What the document holds beside the members named here.
            pub rest: $crate::codec::Rest,
        }

        impl $name {
            /// The message with the members that the API demands; all others are absent.
            #[allow(clippy::too_many_arguments, clippy::new_without_default)]
            #[must_use]
            pub fn new($($r: impl Into<$rtype>,)* $($($early: impl Into<$early_type>,)*)?) -> Self {
                #[allow(unused_mut)]
                let mut message = Self {
                    $($r: $r.into(),)*
                    $($o: None,)*
                    rest: $crate::codec::Rest::new(),
                };
                $($(message.$early = Some($early.into());)*)?
                message
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                $crate::codec::debug_message(self, f)
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                $crate::codec::equal_messages(self, other)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::codec::serialize_message(self, serializer)
            }
        }

        impl $crate::codec::Message for $name {
            fn describe() -> &'static $crate::codec::Table {
                use $crate::codec::{Field, Privacy, Table, WireView};
                static TABLE: Table = Table {
                    name: $label,
                    fields: &[
                        $(Field {
                            wire: $rwire,
                            aliases: &[$($ralias),*],
                            required: true,
                            privacy: $crate::codec::message!(@privacy $rprivacy),
                            kind: <$rtype as WireView>::KIND,
                            max: $rmax,
                            items: 0 $(+ $ritems)?,
                            min: $crate::codec::message!(@option $($rmin)?),
                            condition: $crate::codec::message!(@option $($rcondition)?),
                            demand: $crate::codec::Demand::Always,
                        },)*
                        $(Field {
                            wire: $owire,
                            aliases: &[$($oalias),*],
                            required: false,
                            privacy: $crate::codec::message!(@privacy $oprivacy),
                            kind: <$otype as WireView>::KIND,
                            max: $omax,
                            items: 0 $(+ $oitems)?,
                            min: $crate::codec::message!(@option $($omin)?),
                            condition: $crate::codec::message!(@option $($ocondition)?),
                            demand: $crate::codec::message!(@demand $(yes $($odemand)*)?),
                        },)*
                    ],
                    index: $crate::codec::index!(
                        [$($rwire,)* $($owire,)*],
                        // They stand first.
                        required (1 << (0 $(+ $crate::codec::message!(@one $r))*)) - 1,
                        aliases false $($(| !str::is_empty($ralias))*)* $($(| !str::is_empty($oalias))*)*,
                    ),
                };
                &TABLE
            }
        }

        impl $crate::codec::WireView for $name {
            const KIND: $crate::codec::Kind =
                $crate::codec::Kind::Message(<$name as $crate::codec::Message>::describe);
            #[inline]
            fn view(&self) -> $crate::codec::View<'_> {
                $crate::codec::View::Message(self)
            }
        }

        // A member's place in the table, under the member's own name, so that it can stand in a pattern.
        #[allow(non_camel_case_types, non_upper_case_globals, dead_code, unused_comparisons)]
        const _: () = {
            enum Index { $($r,)* $($o,)* }
            $(const $r: usize = Index::$r as usize;)*
            $(const $o: usize = Index::$o as usize;)*
            const _: () = assert!(0 $(+ { let _ = $r; 1 })* $(+ { let _ = $o; 1 })* <= $crate::codec::Table::MAX_FIELDS);

            impl $crate::codec::DynMessage for $name {
                fn table(&self) -> &'static $crate::codec::Table {
                    <Self as $crate::codec::Message>::describe()
                }
                fn view(&self, index: usize) -> $crate::codec::View<'_> {
                    match index {
                        $($r => $crate::codec::WireView::view(&self.$r),)*
                        $($o => $crate::codec::WireView::view(&self.$o),)*
                        _ => $crate::codec::View::Absent,
                    }
                }
                fn rest(&self) -> &$crate::codec::Rest {
                    &self.rest
                }
                #[allow(unused_variables)]
                fn write(&self, members: &mut $crate::codec::Members<'_>) {
                    $(members.write($r, $crate::codec::WireView::view(&self.$r));)*
                    $(members.write($o, $crate::codec::WireView::view(&self.$o));)*
                }
            }

            $crate::codec::message! { @reads $mode $name [$($r)*] [$($o)*] }
        };
    };

    (@one $member:ident) => { 1 };
    (@privacy plain) => { Privacy::Plain };
    (@privacy personal) => { Privacy::Personal };
    (@privacy secret) => { Privacy::Secret };
    (@demand) => { $crate::codec::Demand::No };
    (@demand yes) => { $crate::codec::Demand::Always };
    (@demand yes $($request:literal)+) => { $crate::codec::Demand::In(&[$($request),+]) };
    (@option) => { None };
    (@option $value:literal) => { Some($value) };

    (@reads always $($rest:tt)*) => { $crate::codec::message! { @reading [] $($rest)* } };
    (@reads mirror $($rest:tt)*) => { $crate::codec::message! { @reading [#[cfg(feature = "wire-mirror")]] $($rest)* } };
    (@reading [$($gate:tt)*] $name:ident [$($r:ident)*] [$($o:ident)*]) => {
        $($gate)*
        impl $crate::codec::ReadTarget for $name {
            #[allow(unused_variables)]
            fn read_field(
                &mut self,
                index: usize,
                reader: &mut $crate::codec::Reader<'_>,
            ) -> Result<(), $crate::codec::DecodeError> {
                match index {
                    $($r => $crate::codec::WireRead::read_into(&mut self.$r, reader),)*
                    $($o => $crate::codec::WireRead::read_into(&mut self.$o, reader),)*
                    _ => Ok(()),
                }
            }
            fn rest_mut(&mut self) -> &mut $crate::codec::Rest {
                &mut self.rest
            }
        }

        $($gate)*
        impl $crate::codec::ReadMessage for $name {
            fn placeholder() -> Self {
                Self {
                    $($r: $crate::codec::WireRead::placeholder(),)*
                    $($o: None,)*
                    rest: $crate::codec::Rest::new(),
                }
            }
        }

        $($gate)*
        impl $crate::codec::WireRead for $name {
            fn placeholder() -> Self {
                <Self as $crate::codec::ReadMessage>::placeholder()
            }
            fn read_into(
                &mut self,
                reader: &mut $crate::codec::Reader<'_>,
            ) -> Result<(), $crate::codec::DecodeError> {
                $crate::codec::read_message(reader, self)
            }
        }

        $($gate)*
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::codec::deserialize_message(deserializer)
            }
        }
    };
}

/// The index of a type whose members have these names, in this order.
macro_rules! index {
    ([$($wire:literal),* $(,)?], required $required:expr, aliases $aliases:expr $(,)?) => {
        $crate::codec::Index {
            // Behind them as many blanks as `Index::PADDING` says.
            names: concat!($(",\"", $wire, "\":",)* "                                ").as_bytes(),
            starts: &$crate::codec::Index::starts([0, $($wire.len() + 4),*]),
            required: $required,
            aliases: $aliases,
        }
    };
}

/// Declares the setters of a message: `setters! { PayRequest { with_env(env: Env); } }`.
macro_rules! setters {
    ($name:ident { $($with:ident($field:ident: $type:ty);)* }) => {
        impl $name {
            $(
                #[doc = concat!("The message with `", stringify!($field), "` set.")]
                #[must_use]
                pub fn $with(mut self, $field: impl Into<$type>) -> Self {
                    self.$field = Some($field.into());
                    self
                }
            )*
        }
    };
}

/// Declares one operation: a marker type that ties a request to its answer and carries what is known.
#[allow(unused_macros)] // No operation without a group.
macro_rules! operation {
    (
        $(#[$meta:meta])*
        $name:ident: $request:ty => $response:ty {
            id: $id:literal, path: $path:literal, group: $group:literal,
            repeat: $repeat:ident $(($key:literal))?,
            inquiry: $inquiry:expr,
            echoes: [$($echo:literal),*],
            moves_money: $money:literal, sandbox: $sandbox:ident,
            transport: $transport:ident,
            docs: $docs:literal $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $name;

        impl $crate::call::Operation for $name {
            type Request = $request;
            type Response = $response;
            const INFO: &'static $crate::call::OperationInfo = &$crate::call::OperationInfo {
                id: $id,
                path: $path,
                group: $group,
                repeat: $crate::call::Repeat::$repeat $(($key))?,
                inquiry: $inquiry,
                echoes: &[$($echo),*],
                moves_money: $money,
                sandbox: $crate::call::SandboxPath::$sandbox,
                transport: $crate::call::TransportKind::$transport,
                docs: $docs,
            };
        }
    };
}

/// Gives a type that is text on the wire (`as_str`, `From<String>`, `KNOWN`) its place in messages.
macro_rules! impl_wire_for_text {
    ($name:ident) => {
        impl $crate::codec::WireView for $name {
            const KIND: $crate::codec::Kind = $crate::codec::Kind::Word($name::KNOWN);
            #[inline]
            fn view(&self) -> $crate::codec::View<'_> {
                $crate::codec::View::Text(self.as_str())
            }
        }
        impl $crate::codec::WireRead for $name {
            fn placeholder() -> Self {
                Self::from("")
            }
            fn read_into(
                &mut self,
                reader: &mut $crate::codec::Reader<'_>,
            ) -> Result<(), $crate::codec::DecodeError> {
                *self = Self::from(reader.read_text()?.as_ref());
                Ok(())
            }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <$crate::__private::alloc::string::String as serde::Deserialize>::deserialize(deserializer)
                    .map(Self::from)
            }
        }
    };
}

pub(crate) use {impl_wire_for_text, index, message, operation, setters};

//! Orders and tokens that a merchant kept elsewhere before.

use std::io::Read;

use antom_core::flow::Answer;
use antom_core::flow::payment::{Capture, Input, NewAttempt, Payment, Product};
use antom_core::flow::token::{Grant, NewGrant, TokenSet};
use antom_core::money::{Amount, Currency};
use antom_core::secret::{Personal, Secret};
use antom_core::time::{DateTimeText, UnixTime};
use antom_store::{Applied, Change, Subject};
use csv::StringRecord;

use super::tokens::jitter;
use super::{Orders, ShopError, Tokens};

/// An order that was sent to Antom before there was this store.
///
/// Nothing is believed about its money: it is stored as one that nobody knows about, and the workers inquire
/// what became of it. It is never sent again and never cancelled at its expiry.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, shop};
/// use antom::core::flow::payment::PaymentState;
/// use antom::shop::ImportedOrder;
/// # let shop = shop(&[]);
///
/// # block_on(async {
/// let file = "order_id,request_id,currency,value,product,created,expires\n\
///             ORDER-1,PAY-1,EUR,1050,cashier,2023-11-14T20:00:00Z,2023-11-14T20:14:00Z\n";
/// for order in ImportedOrder::read_csv(file.as_bytes()) {
///     assert!(shop.orders().import(order?).await?);
/// }
/// // Nothing is believed about its money: the workers inquire.
/// assert_eq!(shop.orders().get("ORDER-1").await?.state(), PaymentState::Unresolved);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImportedOrder {
    /// The merchant's order.
    pub order_id: String,
    /// The `paymentRequestId` it was sent with.
    pub request_id: String,
    /// The `paymentAmount` it was sent with.
    pub amount: Amount,
    /// The kind of payment.
    pub product: Product,
    /// When it was sent.
    pub created: UnixTime,
    /// The `paymentExpiryTime` it was sent with.
    pub expires: UnixTime,
}

/// A token that a buyer authorized before there was this store.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, shop};
/// use antom::core::flow::token::GrantState;
/// use antom::shop::ImportedToken;
/// # let shop = shop(&[]);
///
/// # block_on(async {
/// let file = "buyer,method,access_token,refresh_token\nbuyer-7,GCASH,281010,281011\n";
/// let mut states = Vec::new();
/// for token in ImportedToken::read_csv(file.as_bytes()) {
///     states.push(shop.tokens().import(token?).await?);
/// }
/// assert_eq!(shop.tokens().get(&states[0]).await?.state(), &GrantState::Active);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImportedToken {
    /// The merchant's reference of the buyer.
    pub buyer: String,
    /// The payment method, the `customerBelongsTo` of the calls.
    pub method: String,
    /// The token.
    pub token: TokenSet,
}

/// Why a line of a file was not read.
///
/// ```
/// use antom::shop::{ImportError, ImportedToken};
///
/// let file = "buyer,method\nbuyer-7,GCASH\n";
/// let refused = ImportedToken::read_csv(file.as_bytes()).next().unwrap().unwrap_err();
/// assert!(matches!(refused, ImportError::Column { line: 2, column: "access_token", .. }));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The file is no CSV, or could not be read.
    #[error("reading the file failed: {0}")]
    File(#[source] csv::Error),
    /// A column is missing or its text is not what it has to be.
    #[error("line {line}, column {column}: {expected} expected")]
    Column {
        /// The line, counted from 1 with the header.
        line: u64,
        /// The column.
        column: &'static str,
        /// What was expected there.
        expected: &'static str,
    },
}

/// The lines of a file, read one by one.
type Lines<T> = Box<dyn Iterator<Item = Result<T, ImportError>> + Send>;

impl ImportedOrder {
    /// An order.
    ///
    /// ```
    /// use antom::core::flow::payment::Product;
    /// use antom::core::time::UnixTime;
    /// use antom::prelude::*;
    /// use antom::shop::ImportedOrder;
    ///
    /// let (created, expires) = (UnixTime::from_secs(1_700_000_000), UnixTime::from_secs(1_700_000_840));
    /// let order = ImportedOrder::new("ORDER-1", "PAY-1", Amount::new(Currency::EUR, 1050), Product::Cashier, created, expires);
    /// assert_eq!(order.request_id, "PAY-1");
    /// ```
    #[must_use]
    pub fn new(
        order_id: impl Into<String>,
        request_id: impl Into<String>,
        amount: Amount,
        product: Product,
        created: UnixTime,
        expires: UnixTime,
    ) -> Self {
        let (order_id, request_id) = (order_id.into(), request_id.into());
        Self { order_id, request_id, amount, product, created, expires }
    }

    /// Reads orders from CSV with a header that names the columns `order_id`, `request_id`, `currency`, `value`
    /// (in the smallest unit), `product` (`in-store`, `cashier`, `tokenised`, `card`, `card-manual`),
    /// `created` and `expires` (with offset), in any order; others are passed over.
    pub fn read_csv(file: impl Read + Send + 'static) -> Lines<Self> {
        lines(file, |line| {
            let amount = Amount::new(
                line.read("currency", "a currency of three letters", currency)?,
                line.read("value", "a whole number", |text| text.parse::<u64>().ok())?,
            );
            Ok(Self {
                order_id: line.text("order_id")?,
                request_id: line.text("request_id")?,
                amount,
                product: line.read("product", "one of the five kinds", product)?,
                created: line.read("created", "a time with offset", time)?,
                expires: line.read("expires", "a time with offset", time)?,
            })
        })
    }
}

impl ImportedToken {
    /// A token.
    #[must_use]
    pub fn new(buyer: impl Into<String>, method: impl Into<String>, token: TokenSet) -> Self {
        Self { buyer: buyer.into(), method: method.into(), token }
    }

    /// Reads tokens from CSV with a header that names the columns `buyer`, `method`, `access_token`, and where
    /// they are known `access_token_expiry`, `refresh_token`, `refresh_token_expiry` and `user_login_id`.
    pub fn read_csv(file: impl Read + Send + 'static) -> Lines<Self> {
        lines(file, |line| {
            let token = TokenSet {
                access_token: Secret::new(line.text("access_token")?),
                expires: line.maybe("access_token_expiry", "a time with offset", time)?,
                refresh_token: line.maybe("refresh_token", "a token", |text| Some(Secret::from(text)))?,
                refresh_expires: line.maybe("refresh_token_expiry", "a time with offset", time)?,
                user_login_id: line
                    .maybe("user_login_id", "an account", |text| Some(Personal::new(text.to_owned())))?,
            };
            Ok(Self { buyer: line.text("buyer")?, method: line.text("method")?, token })
        })
    }
}

impl Orders<'_> {
    /// Stores an order that was sent before there was this store; `false` when it is there already. The
    /// workers find out what became of it.
    ///
    /// # Errors
    ///
    /// Its request id belongs to another order, its amount cannot be used, or the store failed.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{NOW, block_on, shop};
    /// use antom::core::flow::payment::Product;
    /// use antom::prelude::*;
    /// use antom::shop::ImportedOrder;
    /// # let (shop, then) = (shop(&[]), NOW);
    ///
    /// # block_on(async {
    /// let amount = Amount::new(Currency::EUR, 1050);
    /// let order = ImportedOrder::new("ORDER-1", "PAY-1", amount, Product::Cashier, then, then.saturating_add(std::time::Duration::from_secs(840)));
    /// assert!(shop.orders().import(order.clone()).await?);
    /// assert!(!shop.orders().import(order).await?, "it is there");
    /// # Ok(()) });
    /// ```
    pub async fn import(&self, order: ImportedOrder) -> Result<bool, ShopError> {
        let ImportedOrder { order_id, request_id, amount, product, created, expires } = order;
        let new = NewAttempt::new(self.shop.client_id.clone(), request_id.clone(), amount, product, expires)
            .not_cancellable()
            .with_replayable(false);
        let begun = Payment::new(order_id, self.shop.plan).apply(&Input::Pay(new), created);
        let unknown = Input::PayAnswered { request_id, answer: Answer::Unresolved };
        let turn = begun.and_then(|begun| begun.next.apply(&unknown, created)).map_err(ShopError::Refused)?;
        let change = Change::payment(&turn, None, self.shop.now());
        let Applied::Changed(changed) = self.shop.store.commit(change).await? else { return Ok(false) };
        self.shop.ring_if_due(turn.next.due(), self.shop.now());
        self.shop.drain(&Subject::Order(turn.next.order_id().to_owned()), changed.parked).await?;
        Ok(true)
    }
}

impl Tokens<'_> {
    /// Stores a token that was made before there was this store, under a new `authState`, which is returned. It
    /// is refreshed from now on like any other.
    ///
    /// # Errors
    ///
    /// There is no randomness, or the store failed.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{block_on, shop};
    /// use antom::core::flow::token::TokenSet;
    /// use antom::shop::ImportedToken;
    /// # let shop = shop(&[]);
    ///
    /// # block_on(async {
    /// let token = TokenSet {
    ///     access_token: "281010".into(),
    ///     expires: None,
    ///     refresh_token: None,
    ///     refresh_expires: None,
    ///     user_login_id: None,
    /// };
    /// let state = shop.tokens().import(ImportedToken::new("buyer-7", "GCASH", token)).await?;
    /// assert_eq!(shop.tokens().get(&state).await?.buyer(), "buyer-7");
    /// # Ok(()) });
    /// ```
    pub async fn import(&self, token: ImportedToken) -> Result<String, ShopError> {
        let auth_state = self.shop.ids.fresh().map_err(ShopError::Ids)?;
        let new = NewGrant::new(self.shop.client_id.clone(), &*auth_state, token.buyer, token.method);
        let mut new = new.map_err(ShopError::WeakState)?;
        new.jitter = jitter(&auth_state);
        let now = self.shop.now();
        let turn = Grant::adopt(&new, token.token, now);
        match self.shop.store.commit(Change::grant(&turn, None, now)).await? {
            Applied::Changed(changed) => {
                let subject = Subject::Grant(auth_state.clone());
                self.shop.drain(&subject, changed.parked).await?;
                Ok(auth_state)
            }
            // An id that was never used before is there: nobody can go on from that.
            _ => Err(ShopError::Contended { tries: 1 }),
        }
    }
}

fn product(text: &str) -> Option<Product> {
    Some(match text {
        "in-store" => Product::InStore,
        "cashier" => Product::Cashier,
        "tokenised" => Product::Tokenised,
        "card" => Product::Card { capture: Capture::Automatic },
        "card-manual" => Product::Card { capture: Capture::Manual },
        _ => return None,
    })
}

fn currency(text: &str) -> Option<Currency> {
    let letters = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    letters.then(|| Currency::from(text))
}

fn time(text: &str) -> Option<UnixTime> {
    DateTimeText::from(text).instant().ok()
}

/// A line with the header's names.
struct Line<'a> {
    header: &'a StringRecord,
    record: &'a StringRecord,
    number: u64,
}

impl Line<'_> {
    fn cell(&self, column: &'static str) -> Option<&str> {
        let at = self.header.iter().position(|name| name.trim() == column)?;
        self.record.get(at).map(str::trim).filter(|text| !text.is_empty())
    }

    fn wrong(&self, column: &'static str, expected: &'static str) -> ImportError {
        ImportError::Column { line: self.number, column, expected }
    }

    fn read<T>(
        &self,
        column: &'static str,
        expected: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<T, ImportError> {
        self.cell(column).and_then(read).ok_or_else(|| self.wrong(column, expected))
    }

    fn text(&self, column: &'static str) -> Result<String, ImportError> {
        self.read(column, "a text", |text| Some(text.to_owned()))
    }

    /// An empty cell or a missing column is nothing; any other text has to be read.
    fn maybe<T>(
        &self,
        column: &'static str,
        expected: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, ImportError> {
        match self.cell(column) {
            None => Ok(None),
            Some(text) => read(text).map(Some).ok_or_else(|| self.wrong(column, expected)),
        }
    }
}

fn lines<T: Send + 'static>(
    file: impl Read + Send + 'static,
    read: impl Fn(&Line<'_>) -> Result<T, ImportError> + Send + 'static,
) -> Lines<T> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file);
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => return Box::new(core::iter::once(Err(ImportError::File(error)))),
    };
    Box::new(reader.into_records().map(move |record| {
        let record = record.map_err(ImportError::File)?;
        let number = record.position().map_or(0, csv::Position::line);
        read(&Line { header: &header, record: &record, number })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_and_tokens_are_read_by_the_names_of_their_columns() {
        let file = "request_id,order_id,product,value,currency,created,expires,note\n\
                    PAY-1,ORDER-1,card-manual,1050,EUR,2026-01-01T00:00:00Z,2026-01-01T00:14:00+00:00,x\n";
        let orders: Vec<_> = ImportedOrder::read_csv(file.as_bytes()).collect::<Result<_, _>>().unwrap();
        let order = orders.first().unwrap();
        assert_eq!((order.order_id.as_str(), order.request_id.as_str()), ("ORDER-1", "PAY-1"));
        assert_eq!(order.amount, Amount::new(Currency::EUR, 1050));
        assert_eq!(order.product, Product::Card { capture: Capture::Manual });

        let file = "buyer,method,access_token,refresh_token_expiry\nB,GCASH,TOKEN,\n";
        let tokens: Vec<_> = ImportedToken::read_csv(file.as_bytes()).collect::<Result<_, _>>().unwrap();
        assert_eq!(tokens.first().unwrap().token.access_token.expose(), "TOKEN");
    }

    #[test]
    fn what_cannot_be_read_is_named_and_never_shown() {
        for (column, line) in [
            ("value", "O,P,EUR,10.50,cashier,2026-01-01T00:00:00Z,2026-01-01T00:14:00Z"),
            ("product", "O,P,EUR,1050,cash,2026-01-01T00:00:00Z,2026-01-01T00:14:00Z"),
            ("created", "O,P,EUR,1050,cashier,2026-01-01,2026-01-01T00:14:00Z"),
            ("order_id", ",P,EUR,1050,cashier,2026-01-01T00:00:00Z,2026-01-01T00:14:00Z"),
            ("expires", "O,P,EUR,1050,cashier,2026-01-01T00:00:00Z"),
        ] {
            let file = format!("order_id,request_id,currency,value,product,created,expires\n{line}\n");
            let read: Vec<_> = ImportedOrder::read_csv(std::io::Cursor::new(file)).collect();
            let error = read.first().unwrap().as_ref().unwrap_err().to_string();
            assert!(error.starts_with(&format!("line 2, column {column}: ")), "{error}");
        }
    }
}

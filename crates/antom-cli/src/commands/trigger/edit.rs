//! Changes of a document's members, as the command line names them.

use serde_json::{Map, Value};

/// Sets a member: `result.resultStatus=F`, or with JSON `evidenceList:=[]`. Objects on the way are made.
pub(super) fn set(document: &mut Value, text: &str) -> Result<(), String> {
    let (member, value) = text.split_once('=').ok_or_else(|| {
        format!("expected MEMBER=TEXT or MEMBER:=JSON, found no `=` in `{}`", text.escape_debug())
    })?;
    let (member, value) = match member.strip_suffix(':') {
        None => (member, Value::from(value)),
        Some(member) => {
            let value = serde_json::from_str(value)
                .map_err(|error| format!("{}: expected JSON after `:=`: {error}", member.escape_debug()))?;
            (member, value)
        }
    };
    let mut place = document;
    for name in names(member)? {
        if place.is_null() {
            *place = Value::Object(Map::new());
        }
        place = match place {
            Value::Object(members) => members.entry(name).or_insert(Value::Null),
            Value::Array(items) => {
                let length = items.len();
                let at = name.parse().ok().filter(|at| *at <= length);
                let at: usize = at.ok_or_else(|| {
                    format!("{}: expected an index from 0 to {length}, not `{name}`", member.escape_debug())
                })?;
                if at == length {
                    items.push(Value::Null);
                }
                items.get_mut(at).ok_or_else(|| format!("{}: no such item", member.escape_debug()))?
            }
            _ => {
                return Err(format!(
                    "{}: there is nothing inside the member before `{name}`",
                    member.escape_debug()
                ));
            }
        };
    }
    *place = value;
    Ok(())
}

/// Removes a member, which must be there.
pub(super) fn unset(document: &mut Value, member: &str) -> Result<(), String> {
    let mut names = names(member)?;
    let absent = || format!("{}: there is no such member", member.escape_debug());
    let last = names.pop().ok_or_else(absent)?;
    let mut place = document;
    for name in names {
        place = match place {
            Value::Object(members) => members.get_mut(&name),
            Value::Array(items) => name.parse().ok().and_then(|at: usize| items.get_mut(at)),
            _ => None,
        }
        .ok_or_else(absent)?;
    }
    let removed = match place {
        Value::Object(members) => members.remove(&last),
        Value::Array(items) => {
            last.parse().ok().filter(|at| *at < items.len()).map(|at: usize| items.remove(at))
        }
        _ => None,
    };
    removed.map(drop).ok_or_else(absent)
}

fn names(member: &str) -> Result<Vec<String>, String> {
    let names: Vec<String> = member.split('.').map(str::to_owned).collect();
    match names.iter().any(String::is_empty) {
        true => Err(format!("expected names joined by dots, not `{}`", member.escape_debug())),
        false => Ok(names),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_are_set_and_removed_at_any_depth() {
        let mut document = json!({"result": {"resultStatus": "S"}, "list": [{"a": 1}]});
        for text in [
            "result.resultStatus=F",
            "new.deep.text==x",
            "list.0.a:=[1,2]",
            "list.1=second",
            "flag:=true",
            "empty=",
        ] {
            set(&mut document, text).unwrap();
        }
        let expected = json!({
            "result": {"resultStatus": "F"}, "new": {"deep": {"text": "=x"}}, "list": [{"a": [1, 2]}, "second"],
            "flag": true, "empty": ""
        });
        assert_eq!(document, expected);
        for member in ["new.deep", "list.1", "result"] {
            unset(&mut document, member).unwrap();
        }
        assert_eq!(document, json!({"new": {}, "list": [{"a": [1, 2]}], "flag": true, "empty": ""}));
    }

    #[test]
    fn what_cannot_be_done_is_said() {
        let mut document = json!({"text": "x", "list": []});
        for (text, why) in [
            ("text", "no `=`"),
            ("text.inside=1", "nothing inside"),
            ("list.one=1", "index from 0 to 0"),
            ("list.3=1", "index from 0 to 0"),
            ("=1", "joined by dots"),
            ("a:={", "expected JSON"),
        ] {
            let error = set(&mut document, text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
        for member in ["none", "text.x", "list.0", ""] {
            assert!(unset(&mut document, member).is_err(), "{member}");
        }
    }
}

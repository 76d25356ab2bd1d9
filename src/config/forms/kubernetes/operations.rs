//! Lists of operations that change an object (JSON Patch, RFC 6902), as kustomize applies those of `patches` and `patchesJson6902`.

use crate::config::text::{Entry, Node, Span, Value};

/// One operation.
#[derive(Clone)]
pub(in crate::config) struct Operation {
    change: Change,
    path: Vec<String>,
    /// Where the path is written.
    at: Span,
}

#[derive(Clone)]
enum Change {
    Add(Node),
    Remove,
    Replace(Node),
    Move { from: Vec<String> },
    Copy { from: Vec<String> },
    Test(Node),
}

/// Reads a list of operations; nothing if anything in it is none.
pub(in crate::config) fn read(list: &Node) -> Option<Vec<Operation>> {
    (!list.elements().is_empty()).then(|| list.elements().iter().map(operation).collect())?
}

fn operation(node: &Node) -> Option<Operation> {
    let value = || node.get("value").cloned();
    let from = || pointer(node.text_at(&["from"])?);
    let change = match node.text_at(&["op"])? {
        "add" => Change::Add(value()?),
        "remove" => Change::Remove,
        "replace" => Change::Replace(value()?),
        "move" => Change::Move { from: from()? },
        "copy" => Change::Copy { from: from()? },
        "test" => Change::Test(value()?),
        _ => return None,
    };
    Some(Operation { change, path: pointer(node.text_at(&["path"])?)?, at: node.get("path")?.span })
}

/// The steps of a JSON pointer (RFC 6901). The whole object is nothing that a patch of one may replace.
fn pointer(text: &str) -> Option<Vec<String>> {
    let steps = text.strip_prefix('/')?.split('/');
    Some(steps.map(|step| step.replace("~1", "/").replace("~0", "~")).collect())
}

/// Applies operations, all or none; nothing if one of them cannot be applied.
pub(super) fn apply(operations: &[Operation], object: &Node) -> Option<Node> {
    let mut changed = object.clone();
    for operation in operations {
        operation.apply(&mut changed)?;
    }
    Some(changed)
}

impl Operation {
    fn apply(&self, object: &mut Node) -> Option<()> {
        match &self.change {
            Change::Add(value) => self.add(object, value.clone()),
            Change::Remove => remove(object, &self.path).map(drop),
            Change::Replace(value) => {
                *find(object, &self.path)? = value.clone();
                Some(())
            }
            Change::Move { from } => {
                let value = remove(object, from)?;
                self.add(object, value)
            }
            Change::Copy { from } => {
                let value = find(object, from)?.clone();
                self.add(object, value)
            }
            Change::Test(value) => (find(object, &self.path)?.value.to_json() == value.value.to_json()).then_some(()),
        }
    }

    fn add(&self, object: &mut Node, value: Node) -> Option<()> {
        let (last, parents) = self.path.split_last()?;
        match &mut find(object, parents)?.value {
            Value::Map(entries) => match entries.iter_mut().find(|entry| entry.key == *last) {
                Some(entry) => entry.value = value,
                None => entries.push(Entry { key: last.clone(), key_span: self.at, value }),
            },
            Value::List(elements) => {
                let index = if last == "-" { elements.len() } else { index(last, elements.len() + 1)? };
                elements.insert(index, value);
            }
            _ => return None,
        }
        Some(())
    }
}

/// The node at the end of a path.
fn find<'n>(object: &'n mut Node, path: &[String]) -> Option<&'n mut Node> {
    path.iter().try_fold(object, |node, step| match &mut node.value {
        Value::Map(entries) => entries.iter_mut().find(|entry| entry.key == *step).map(|entry| &mut entry.value),
        Value::List(elements) => {
            let index = index(step, elements.len())?;
            elements.get_mut(index)
        }
        _ => None,
    })
}

fn remove(object: &mut Node, path: &[String]) -> Option<Node> {
    let (last, parents) = path.split_last()?;
    match &mut find(object, parents)?.value {
        Value::Map(entries) => {
            let position = entries.iter().position(|entry| entry.key == *last)?;
            Some(entries.remove(position).value)
        }
        Value::List(elements) => {
            let index = index(last, elements.len())?;
            Some(elements.remove(index))
        }
        _ => None,
    }
}

/// A position below a length. The library of kustomize counts negative ones from the end (`evanphx/json-patch`, `findObject`).
fn index(step: &str, length: usize) -> Option<usize> {
    let index = match step.strip_prefix('-') {
        Some(back) => length.checked_sub(back.parse().ok()?)?,
        None => step.parse().ok()?,
    };
    (index < length).then_some(index)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::config::forms::kubernetes::testing::node;

    fn patched(object: &str, operations: &str) -> Option<String> {
        let operations = read(&node(operations))?;
        Some(apply(&operations, &node(object))?.value.to_json().to_string())
    }

    #[test]
    fn operations_do_what_the_standard_says() {
        let object = "{a: {b: [1, 2]}, x/y: z, m~n: o}";
        for (operations, want) in [
            ("[{op: add, path: /a/c, value: 3}]", r#"{"a":{"b":[1,2],"c":3},"x/y":"z","m~n":"o"}"#),
            ("[{op: add, path: /a/b, value: 3}]", r#"{"a":{"b":3},"x/y":"z","m~n":"o"}"#),
            ("[{op: add, path: /a/b/0, value: 3}]", r#"{"a":{"b":[3,1,2]},"x/y":"z","m~n":"o"}"#),
            ("[{op: add, path: /a/b/2, value: 3}]", r#"{"a":{"b":[1,2,3]},"x/y":"z","m~n":"o"}"#),
            ("[{op: add, path: /a/b/-, value: 3}]", r#"{"a":{"b":[1,2,3]},"x/y":"z","m~n":"o"}"#),
            ("[{op: replace, path: /a/b/-1, value: 3}]", r#"{"a":{"b":[1,3]},"x/y":"z","m~n":"o"}"#),
            ("[{op: replace, path: /x~1y, value: 3}]", r#"{"a":{"b":[1,2]},"x/y":3,"m~n":"o"}"#),
            ("[{op: remove, path: /m~0n}, {op: remove, path: /a/b/0}]", r#"{"a":{"b":[2]},"x/y":"z"}"#),
            ("[{op: move, from: /a/b, path: /q}]", r#"{"a":{},"x/y":"z","m~n":"o","q":[1,2]}"#),
            ("[{op: copy, from: /a/b/0, path: /m~0n}]", r#"{"a":{"b":[1,2]},"x/y":"z","m~n":1}"#),
            ("[{op: test, path: /a, value: {b: [1, 2]}}]", r#"{"a":{"b":[1,2]},"x/y":"z","m~n":"o"}"#),
        ] {
            assert_eq!(patched(object, operations).as_deref(), Some(want), "{operations}");
        }
    }

    #[test]
    fn what_cannot_be_applied_is_not_applied_in_part() {
        for operations in [
            "[]",
            "[{op: add, path: /a/c/d, value: 3}]",
            "[{op: add, path: /a/b/3, value: 3}]",
            "[{op: add, path: /a/c}]",
            "[{op: replace, path: /a/c, value: 3}]",
            "[{op: replace, path: /a/b/-, value: 3}]",
            "[{op: replace, path: /a/b/-3, value: 3}]",
            "[{op: replace, path: '', value: 3}]",
            "[{op: remove, path: /a/b/2}]",
            "[{op: test, path: /a/b/0, value: 2}]",
            "[{op: move, path: /a/q}]",
            "[{op: remove, path: /a}, {op: erase, path: /b}]",
            "{op: remove, path: /a}",
        ] {
            assert_eq!(patched("{a: {b: [1, 2]}}", operations), None, "{operations}");
        }
    }
}

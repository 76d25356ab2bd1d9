//! Fields that a kustomization fills with values from elsewhere (`replacements` and `vars`): what is there before counts no more.

use crate::config::text::{Node, Value};

/// The steps of a field path: `spec.containers.[name=a].env.0`, where a backslash keeps a dot (kubectl.docs.kubernetes.io,
/// *replacements*).
pub(in crate::config) fn steps(path: &str) -> Vec<String> {
    let mut steps = vec![String::new()];
    let mut characters = path.chars();
    let mut depth = 0_usize;
    while let Some(character) = characters.next() {
        let last = steps.last_mut();
        match (character, last) {
            ('.', _) if depth == 0 => steps.push(String::new()),
            ('\\', Some(last)) => last.extend(characters.next()),
            (other, Some(last)) => {
                match other {
                    '[' => depth += 1,
                    ']' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                last.push(other);
            }
            (_, None) => {}
        }
    }
    steps
}

/// Fills the fields at the end of a path; whether there is one, and it is a simple value.
pub(super) fn fill(node: &mut Node, path: &[String], with: &Node) -> bool {
    let Some((step, rest)) = path.split_first() else {
        let is_simple = match &node.value {
            // A whole file, of which a part may be replaced.
            Value::Text(text) => !text.contains('\n'),
            value => !matches!(value, Value::Map(_) | Value::List(_)),
        };
        if is_simple {
            node.clone_from(with);
        }
        return is_simple;
    };
    match &mut node.value {
        Value::Map(entries) => {
            let chosen = entries.iter_mut().filter(|entry| step == "*" || entry.key == *step);
            all(chosen.map(|entry| fill(&mut entry.value, rest, with)))
        }
        Value::List(elements) => {
            let named =
                step.strip_prefix('[').and_then(|step| step.strip_suffix(']')).and_then(|step| step.split_once('='));
            let is_chosen = |index: usize, element: &Node| match named {
                Some((key, value)) => element.text_at(&[key]) == Some(value),
                None => step == "*" || step.parse() == Ok(index),
            };
            let chosen = elements.iter_mut().enumerate().filter(|(index, element)| is_chosen(*index, element));
            all(chosen.map(|(_, element)| fill(element, rest, with)))
        }
        _ => false,
    }
}

/// Whether there is any, and all are so. Each is asked.
fn all(each: impl Iterator<Item = bool>) -> bool {
    let (count, good) = each.fold((0, 0), |(count, good), is| (count + 1, good + usize::from(is)));
    count > 0 && count == good
}

/// Whether a text anywhere in an object names a variable.
pub(super) fn names(node: &Node, variable: &str) -> bool {
    match &node.value {
        Value::Text(text) => text.contains(&reference(variable)),
        Value::List(elements) => elements.iter().any(|element| names(element, variable)),
        Value::Map(entries) => entries.iter().any(|entry| names(&entry.value, variable)),
        _ => false,
    }
}

/// Puts what is known of a variable in the place of the texts that name it.
pub(super) fn resolve(node: &mut Node, variable: &str, with: &Node) {
    match &mut node.value {
        Value::Text(text) if text.contains(&reference(variable)) => match &with.value {
            // The rest of the text still says what kind of value it is.
            Value::Text(unknown) => {
                *text = text.replace(&reference(variable), unknown);
                node.span = with.span;
            }
            _ => node.clone_from(with),
        },
        Value::List(elements) => elements.iter_mut().for_each(|element| resolve(element, variable, with)),
        Value::Map(entries) => entries.iter_mut().for_each(|entry| resolve(&mut entry.value, variable, with)),
        _ => {}
    }
}

fn reference(variable: &str) -> String {
    format!("$({variable})")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::config::forms::kubernetes::testing::node;

    #[test]
    fn a_path_leads_to_what_it_names() {
        let object = "{a: {b.c: x, d: [{name: m, value: y}, {name: n, value: z}]}, e: [1, 2], f: \"a\\nb\"}";
        for (path, want) in [
            ("a.b\\.c", Some("{a: {b.c: _, d: [{name: m, value: y}, {name: n, value: z}]}, e: [1, 2], f: \"a\\nb\"}")),
            (
                "a.d.[name=n].value",
                Some("{a: {b.c: x, d: [{name: m, value: y}, {name: n, value: _}]}, e: [1, 2], f: \"a\\nb\"}"),
            ),
            (
                "a.d.*.value",
                Some("{a: {b.c: x, d: [{name: m, value: _}, {name: n, value: _}]}, e: [1, 2], f: \"a\\nb\"}"),
            ),
            ("e.1", Some("{a: {b.c: x, d: [{name: m, value: y}, {name: n, value: z}]}, e: [1, _], f: \"a\\nb\"}")),
            ("a.q", None),
            ("a.d", None),
            ("f", None),
            ("e.[name=x]", None),
        ] {
            let mut filled = node(object);
            let is_filled = fill(&mut filled, &steps(path), &node("_"));
            let value = filled.value.to_json().to_string();
            assert_eq!(is_filled.then_some(value), want.map(|want| node(want).value.to_json().to_string()), "{path}");
        }
    }

    #[test]
    fn a_variable_is_resolved_wherever_it_is_named() {
        let mut object = node("{a: ['https://$(HOST)/x', $(OTHER)], b: $(HOST)}");
        assert!(names(&object, "HOST") && !names(&object, "HOS"));
        resolve(&mut object, "HOST", &node("'${v}'"));
        assert_eq!(object.value.to_json().to_string(), r#"{"a":["https://${v}/x","$(OTHER)"],"b":"${v}"}"#);
    }
}

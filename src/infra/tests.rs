#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::format_collect,
    reason = "a test says what went wrong by failing"
)]

mod choosing;
mod plans;
mod refusals;
mod stacks;
mod templates;

use super::settings::{ClientSettings, Field, List};
use super::*;

/// The files of `fixtures/infra`, each with what it holds.
const FILES: [(&str, &str); 7] = [
    ("create.plan.json", include_str!("../../fixtures/infra/create.plan.json")),
    ("update.plan.json", include_str!("../../fixtures/infra/update.plan.json")),
    ("state.json", include_str!("../../fixtures/infra/state.json")),
    ("terraform.tfstate", include_str!("../../fixtures/infra/terraform.tfstate")),
    ("template.yaml", include_str!("../../fixtures/infra/template.yaml")),
    ("template.json", include_str!("../../fixtures/infra/template.json")),
    ("serverless.yml", include_str!("../../fixtures/infra/serverless.yml")),
];

fn fixture(name: &str) -> Code {
    fixture_with(name, &[])
}

fn fixture_with(name: &str, parameters: &[&str]) -> Code {
    read_text(name, FILES.iter().find(|(own, _)| *own == name).unwrap().1, parameters).unwrap()
}

fn read_text(name: &str, text: &str, parameters: &[&str]) -> Result<Code, NotCode> {
    let mut options = Options { region: Some("eu-west-1".to_owned()), ..Options::default() };
    for parameter in parameters {
        options.parameters.add(parameter).unwrap();
    }
    Ok(together(vec![draft(name, text.as_bytes().to_vec())?], &options).pop().unwrap())
}

fn client<'p>(picture: &'p Picture, address: &str) -> &'p Resource<ClientSettings> {
    picture.clients.iter().find(|client| client.address == address).unwrap()
}

/// The known members of a list.
fn known(list: &Field<List>) -> Vec<&str> {
    list.members().into_iter().filter_map(|member| member.value.known()).map(String::as_str).collect()
}

#[test]
fn nothing_of_others_is_kept_from_any_place() {
    for (name, text) in FILES {
        assert!(text.contains("canary"), "{name} has nothing to leak");
        let code = read_text(name, text, &[]).unwrap();
        let stored = serde_json::to_string(&code).unwrap();
        assert!(!stored.contains("canary"), "{name}: {stored}");
        assert!(!format!("{code:?}").contains("canary"), "{name}");
    }
}

#[test]
fn what_was_read_can_be_stored_and_read_back() {
    for (name, text) in FILES {
        let code = read_text(name, text, &[]).unwrap();
        let stored = serde_json::to_string(&code).unwrap();
        assert_eq!(serde_json::from_str::<Code>(&stored).unwrap(), code, "{name}");
    }
}

/// A text that is cut anywhere says so, or is read as far as it is one; it never ends the program.
#[test]
fn a_text_that_is_cut_is_refused_in_words() {
    for (name, text) in FILES {
        let is_json = text.trim_start().starts_with('{');
        for length in (0..text.trim_end().len()).step_by(97).filter(|at| text.is_char_boundary(*at)) {
            match read_text(name, &text[..length], &[]) {
                Ok(_) => assert!(!is_json, "{name} is whole after {length} bytes"),
                Err(error) => assert!(!error.to_string().contains("canary"), "{name}: {error}"),
            }
        }
    }
}

/// Line feeds may be of Windows, and PowerShell writes UTF-16.
#[test]
fn the_encoding_changes_nothing() {
    for (name, text) in FILES {
        let plain = read_text(name, text, &[]).unwrap();
        let wide: Vec<u8> = std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let options = Options { region: Some("eu-west-1".to_owned()), ..Options::default() };
        assert_eq!(together(vec![draft(name, wide).unwrap()], &options), std::slice::from_ref(&plain), "{name}");
        assert_eq!(read_text(name, &format!("\u{feff}{text}"), &[]).unwrap(), plain, "{name}");
        assert_eq!(read_text(name, &text.replace('\n', "\r\n"), &[]).unwrap(), plain, "{name}");
    }
}

/// Plans have tens of megabytes, nearly all of them about something else.
#[test]
fn a_plan_costs_what_its_size_is() {
    crate::work::grows_with_its_input(
        "a plan",
        4000,
        |size| {
            let other =
                r#"{"address":"a.b","type":"aws_instance","change":{"before":{"x":[{"y":"z\"}"}]},"after":{}}}"#;
            let others = vec![other; size].join(",\n");
            format!(r#"{{"format_version":"1.2","resource_changes":[{others}],"prior_state":{{}}}}"#)
        },
        |text| assert!(read_text("plan.json", text, &[]).unwrap().after.clients.is_empty()),
    );
}

/// All files of a folder that somebody names are read, each as what it is: `POMLINT_INFRA_FILES=FOLDER cargo test infra`.
#[test]
fn all_files_of_a_named_folder_are_read() {
    let Some(folder) = std::env::var_os("POMLINT_INFRA_FILES") else { return };
    let mut folders = vec![std::path::PathBuf::from(folder)];
    let (mut read, mut refused) = (0, Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            let name = entry.file_name().unwrap().to_str().unwrap();
            if entry.is_dir() && !name.starts_with('.') {
                folders.push(entry);
            } else if [".json", ".yaml", ".yml", ".tfstate", ".template"].iter().any(|ending| name.ends_with(ending)) {
                match load(entry.to_str().unwrap()) {
                    Ok(_) => read += 1,
                    Err(error) => refused.push(format!("{}: {error}", entry.display())),
                }
            }
        }
    }
    let not_meant = ["expect.json", "config.yaml", "tfvars.json", "not-a-template"];
    refused.retain(|words| !not_meant.iter().any(|name| words.contains(name)));
    assert!(read > 0 && refused.is_empty(), "{read} read\n{}", refused.join("\n"));
}

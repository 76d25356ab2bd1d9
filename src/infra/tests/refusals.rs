//! What is no code, and the sentence that says so.

use super::*;

#[test]
fn each_file_that_is_no_code_gets_its_sentence() {
    let texts = [
        ("tfplan", "PK\u{3}\u{4}rest", "terraform show -json"),
        ("plan.txt", "\u{1b}[1mTerraform will perform\u{1b}[0m the following actions:\n", "terraform plan -out"),
        (
            "log.json",
            "{\"@level\":\"info\",\"@message\":\"Terraform 1.11\"}\n{\"@level\":\"info\"}",
            "terraform plan -json",
        ),
        ("main.tf", "", "terraform plan -out"),
        ("main.tf.json", "{}", "terraform plan -out"),
        ("code", "resource \"aws_cognito_user_pool\" \"p\" {\n}\n", "terraform plan -out"),
        ("x.json", r#"{"resource": {"aws_cognito_user_pool": {}}}"#, "terraform plan -out"),
        ("prod.tfvars.json", "{}", "values of Terraform's variables"),
        ("terragrunt.hcl", "", "terragrunt"),
        ("x.py", "print(1)", "source of a program"),
        ("main.go", "", "of a CDK app, run `cdk synth`"),
        ("app.ts", "import * as cdk from 'aws-cdk-lib';", "cdk synth"),
        ("stdin", "import aws_cdk as cdk\n", "cdk synth"),
        ("cdk.json", "{}", "cdk synth"),
        ("manifest.json", r#"{"version": "36", "artifacts": {}}"#, "template.json"),
        ("Pulumi.yaml", "name: x\nruntime: yaml\n", "Pulumi"),
        ("stack.json", r#"{"version": 3, "deployment": {"resources": []}}"#, "Pulumi"),
        ("x.tfstate", r#"{"meta": {}, "encrypted_data": "AAAA", "encryption_version": "v0"}"#, "tofu show -json"),
        ("plan.json", r#"{"format_version": "2.0", "resource_changes": []}"#, "format_version 2.0"),
        ("state.json", r#"{"format_version": "3.1", "values": {}}"#, "format_version 3.1"),
        ("x.tfstate", r#"{"version": 3, "terraform_version": "0.11.0", "modules": []}"#, "version 3"),
        ("plan.json", "{\n \"format_version\": \"1.2\",\n", "line 3"),
        ("x.json", r#"{"format_version": "1.0", "valid": true, "diagnostics": []}"#, "terraform validate -json"),
        ("x.json", r#"{"format_version": "1.0", "provider_schemas": {}}"#, "terraform providers schema -json"),
        ("x.json", r#"{"format_version": "1.0", "function_signatures": {}}"#, "terraform metadata functions -json"),
        ("x.json", r#"{"format_version": "1.0", "modules": []}"#, "terraform modules -json"),
        ("x.json", r#"{"format_version": "1.0", "root_module": {"resources": []}}"#, "configuration alone"),
        ("x.json", r#"{"format_version": "1.0", "something": {}}"#, "no plan, state or template"),
        ("serverless.yml", "service: x\nprovider: {name: aws}\nresources: ${file(x.yml)}\n", "serverless package"),
        ("parameters.json", r#"[{"ParameterKey": "Host", "ParameterValue": "x"}]"#, "--infra-parameter"),
        ("answer.json", r#"{"UserPoolClient": {"ClientSecret": "canary"}}"#, "--aws"),
        ("answer.json", r#"{"TemplateBody": {}, "StagesAvailable": []}"#, "TemplateBody"),
        ("deployment.yaml", "apiVersion: apps/v1\nkind: Deployment\n", "Kubernetes"),
        ("deployment.json", r#"{"apiVersion": "v1", "kind": "Secret", "data": {"x": "canary"}}"#, "Kubernetes"),
        ("compose.yaml", "services:\n  x: {}\n", "compose"),
        ("config.yaml", "authenticate_service_url: https://a.example\nidp_client_secret: canary\n", "Pomerium"),
        ("empty", " \n", "empty"),
        ("empty.yaml", "# nothing\n", "empty"),
        ("x.json", "[]", "no plan, state or template"),
        ("x.json", "7", "no plan, state or template"),
        ("x.yaml", "a: [b\n", "line"),
    ];
    for (name, text, words) in texts {
        let error = recognise::by_name(name).map_or_else(Err, |()| read_text(name, text, &[])).unwrap_err().to_string();
        assert!(error.contains(words), "{name} {text:?}: {error}");
        assert!(!error.contains("canary") && error.starts_with("it "), "{name}: {error}");
    }
    let error = draft("x", vec![0xc3, 0x28]).err().unwrap().to_string();
    assert!(error.contains("UTF-8"), "{error}");
}

#[test]
fn a_folder_names_what_is_meant() {
    let folder = tempfile::tempdir().unwrap();
    let refusal = || load(folder.path().to_str().unwrap()).err().unwrap().to_string();
    assert!(refusal().contains("it is a folder"));
    for (file, words) in [
        ("main.tf", "terraform plan -out"),
        ("x.tfstate", "x.tfstate"),
        ("cdk.json", "cdk synth"),
        ("a.template.json", "a.template.json"),
    ] {
        std::fs::write(folder.path().join(file), "{}").unwrap();
        assert!(refusal().contains(words), "{file}: {}", refusal());
    }
    assert!(load("/no/such/plan.json").err().unwrap().to_string().contains("no such file"));
}

#[test]
fn hostile_nesting_is_refused() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let text = format!("{}{}{}", open.repeat(200_000), if close == "}" { "1" } else { "" }, close.repeat(200_000));
        assert!(read_text("plan.json", &text, &[]).is_err());
    }
    let deep = format!(
        "Resources:\n  A:\n    Type: AWS::Cognito::UserPoolClient\n    Properties: {}x{}\n",
        "[".repeat(3000),
        "]".repeat(3000)
    );
    assert!(read_text("t.yaml", &deep, &[]).unwrap_err().to_string().contains("deeper"));
}

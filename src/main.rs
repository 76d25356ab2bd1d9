//! Arguments in, exit code out.

fn main() -> std::process::ExitCode {
    pomlint::commands::run()
}

//! Reads the command and runs it.

use std::process::ExitCode;

fn main() -> ExitCode {
    vendgate::command::main()
}

//! `chatspec doctor`

use chatspec_report::checkup;
use chatspec_runner::doctor::examine;
use chatspec_runner::target::Target;

use crate::args::DoctorArgs;
use crate::{Error, view};

/// Looks at a target before any case does.
pub(crate) async fn doctor(args: DoctorArgs) -> Result<u8, Error> {
    let target = Target::parse(&args.target)?;
    let launcher = args.launch.launcher()?;
    let found = examine(&target, &launcher).await;
    view::to_stdout(|out| checkup::write(&found, &view::style(false), out))?;
    Ok(found.code())
}

//! What the user sees: colour and width as the terminal has them, progress, complaints.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anstream::ColorChoice;
use anstyle::{AnsiColor, Effects};
use chatspec_judge::history::Header;
use chatspec_judge::verdict::{CaseReport, TargetReport};
use chatspec_notation::Look;
use chatspec_report::{Style, progress};
use chatspec_runner::conduct::{Audience, Record};
use chatspec_runner::target::Target;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};

/// The width of a report that goes to a file.
const FILE_WIDTH: usize = 100;

/// How a report on standard output is to look.
pub(crate) fn style(strict: bool) -> Style {
    let stdout = io::stdout();
    let colour = anstream::AutoStream::choice(&stdout) != ColorChoice::Never;
    let width = console::Term::stdout()
        .size_checked()
        .map(|(_, columns)| usize::from(columns));
    let width = if stdout.is_terminal() {
        width.unwrap_or(FILE_WIDTH)
    } else {
        FILE_WIDTH
    };
    Style {
        colour,
        width,
        strict,
    }
}

/// How mistakes in a scenario are to look; they go to standard error.
pub(crate) fn look() -> Look {
    let stderr = io::stderr();
    let colour = anstream::AutoStream::choice(&stderr) != ColorChoice::Never;
    let width = console::Term::stderr()
        .size_checked()
        .map(|(_, columns)| usize::from(columns));
    Look {
        colour,
        width: width.unwrap_or(FILE_WIDTH),
    }
}

/// Says on standard error why nothing came of it; mistakes in scenarios are drawn first.
pub(crate) fn complain(error: &(dyn std::error::Error + 'static)) {
    if let Some(crate::Error::Mistakes(mistakes)) = error.downcast_ref() {
        let look = look();
        for mistake in mistakes {
            say(&mistake.render(look));
        }
    }
    let red = AnsiColor::Red.on_default() | Effects::BOLD;
    say(&format!("{red}error:{red:#} {error}"));
}

/// Writes a line to standard error. Nobody may be reading it (`2>&1 | head -1`), and that is no
/// reason to stop, let alone to panic.
pub(crate) fn say(line: &str) {
    writeln!(anstream::stderr().lock(), "{line}").unwrap_or_default();
}

/// Shows how far a run is, and keeps transcripts and histories.
pub(crate) struct Progress {
    bar: ProgressBar,
    style: Style,
    transcripts: Option<PathBuf>,
    histories: Option<PathBuf>,
    /// The first file that could not be written.
    failed: Mutex<Option<(PathBuf, io::Error)>>,
}

impl Progress {
    /// A bar over `cases` cases where standard error is a terminal; lines where it is not.
    pub(crate) fn new(
        cases: usize,
        style: Style,
        transcripts: Option<PathBuf>,
        histories: Option<PathBuf>,
    ) -> Self {
        let bar = ProgressBar::with_draw_target(Some(cases as u64), ProgressDrawTarget::stderr())
            .with_finish(ProgressFinish::AndClear);
        if let Ok(template) = ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}") {
            bar.set_style(template);
        }
        Self {
            bar,
            style,
            transcripts,
            histories,
            failed: Mutex::new(None),
        }
    }

    /// Tells what is done before a target is started; it may take its time.
    pub(crate) fn preparing(&self, target: &Target, setup: &str) {
        self.line(&format!("{}: {setup}", target.name));
    }

    /// Tells of a finished target.
    pub(crate) fn target(&self, report: &TargetReport) {
        self.line(&progress::target_line(report, &self.style));
    }

    /// Takes the bar away, so that the report has the terminal for itself.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    /// The first transcript or history that could not be written, if there was one.
    pub(crate) fn lost(self) -> Result<(), crate::Error> {
        match self
            .failed
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
        {
            None => Ok(()),
            Some((file, source)) => Err(crate::Error::File {
                file: file.display().to_string(),
                source,
            }),
        }
    }

    fn line(&self, line: &str) {
        if self.bar.is_hidden() {
            say(line);
        } else {
            self.bar.println(line);
        }
    }

    /// Writes what is left of a case below `folder`, in a file of this kind.
    fn keep(&self, folder: &Path, header: &Header, kind: &str, text: &str) {
        let plain = |char: char| {
            if char.is_ascii_alphanumeric() || "-_.".contains(char) {
                char
            } else {
                '-'
            }
        };
        let target: String = header.target.chars().map(plain).collect();
        // The id of a case is a path, and may lead anywhere: `../my`, `/tmp/my`.
        let case = PathBuf::from(format!("{}.{kind}", header.case));
        let below = case
            .components()
            .filter(|part| matches!(part, Component::Normal(_)));
        let file = folder.join(target).join(below.collect::<PathBuf>());
        let written = file
            .parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::write(&file, text));
        if let Err(error) = written {
            self.fails(file, error);
        }
    }

    fn fails(&self, file: PathBuf, error: io::Error) {
        self.failed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert((file, error));
    }
}

impl Audience for Progress {
    fn judged(&self, target: &str, report: &CaseReport, record: &Record<'_>) {
        self.bar.set_message(format!("{target} {}", report.case));
        self.bar.inc(1);
        if let Some(line) = progress::plain_line(report, target, &self.style) {
            self.line(&line);
        }
        if let Some(folder) = &self.transcripts
            && let Some(transcript) = record.transcript()
        {
            self.keep(folder, &record.header, "chat", &transcript);
        }
        if let Some(folder) = &self.histories {
            match record.history.to_jsonl(&record.header) {
                Ok(text) => self.keep(folder, &record.header, HISTORY, &text),
                Err(error) => self.fails(folder.clone(), error.into()),
            }
        }
    }
}

/// How the file of a history ends.
pub(crate) const HISTORY: &str = "jsonl";

/// Makes sure that files can be written into `folder`.
pub(crate) fn folder(folder: &Path) -> Result<(), crate::Error> {
    let written = fs::create_dir_all(folder).and_then(|()| {
        let trial = folder.join(format!(".chatspec-{}", std::process::id()));
        fs::write(&trial, "").and_then(|()| fs::remove_file(&trial))
    });
    written.map_err(|source| crate::Error::File {
        file: folder.display().to_string(),
        source,
    })
}

/// Writes `file` with what `write` writes.
pub(crate) fn to_file(
    file: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), crate::Error> {
    let failed = |source| crate::Error::File {
        file: file.display().to_string(),
        source,
    };
    let mut out = io::BufWriter::new(fs::File::create(file).map_err(failed)?);
    write(&mut out).and_then(|()| out.flush()).map_err(failed)
}

/// Writes to standard output. A reader that has seen enough (`| head`) is no error.
pub(crate) fn to_stdout(
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), crate::Error> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(crate::Error::Output),
    }
}

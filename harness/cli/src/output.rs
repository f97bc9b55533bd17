//! Where the report on a run goes, and reports that are read again.

use std::path::Path;

use chatspec_judge::changes::Changes;
use chatspec_judge::verdict::RunReport;
use chatspec_report::{Style, annotations, badge, changes, html, json, junit, markdown, terminal};

use crate::args::{ReportArgs, When};
use crate::{Error, view};

/// Where a report goes, and that it can go there.
pub(crate) struct Output<'a> {
    style: Style,
    to: &'a ReportArgs,
    baseline: Option<RunReport>,
}

impl<'a> Output<'a> {
    /// Standard output and these files, which can be written.
    pub(crate) fn new(strict: bool, to: &'a ReportArgs) -> Result<Self, Error> {
        let baseline = to.baseline.as_deref().map(read).transpose()?;
        // Not before: a baseline may be written over by the report that replaces it.
        for file in [&to.html, &to.markdown, &to.junit, &to.json, &to.badge]
            .into_iter()
            .flatten()
        {
            view::to_file(file, |_| Ok(()))?;
        }
        Ok(Self {
            style: view::style(strict),
            to,
            baseline,
        })
    }

    /// How a report on standard output looks.
    pub(crate) const fn style(&self) -> Style {
        self.style
    }

    pub(crate) fn write(&self, report: &RunReport) -> Result<(), Error> {
        let strict = self.style.strict;
        let changed = self.baseline.as_ref();
        let changed = changed.map(|before| Changes::between(before, report));
        let changed = changed.as_ref();
        view::to_stdout(|out| {
            terminal::write(report, &self.style, out)?;
            changed.map_or(Ok(()), |changed| changes::write(changed, &self.style, out))
        })?;
        if annotates(self.to.annotations) {
            view::to_stdout(|out| annotations::write(report, strict, out))?;
        }
        let ReportArgs {
            html: as_html,
            markdown: as_markdown,
            junit: as_junit,
            json: as_json,
            badge: as_badge,
            annotations: _,
            full: _,
            baseline: _,
        } = self.to;
        if let Some(file) = as_html {
            view::to_file(file, |out| html::write(report, changed, strict, out))?;
        }
        if let Some(file) = as_markdown {
            view::to_file(file, |out| markdown::write(report, changed, strict, out))?;
        }
        if let Some(file) = as_junit {
            view::to_file(file, |out| junit::write(report, &self.style, out))?;
        }
        if let Some(file) = as_json {
            view::to_file(file, |out| json::write(report, out))?;
        }
        if let Some(file) = as_badge {
            view::to_file(file, |out| badge::write(report, strict, out))?;
        }
        Ok(())
    }
}

fn annotates(when: When) -> bool {
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto => std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true"),
    }
}

/// A report that `--json` wrote.
pub(crate) fn read(file: &Path) -> Result<RunReport, Error> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|source| Error::File {
        file: name.clone(),
        source,
    })?;
    parse(name, &text)
}

/// The report that the file of this name holds.
pub(crate) fn parse(file: String, text: &str) -> Result<RunReport, Error> {
    let report: RunReport = serde_json::from_str(text).map_err(|source| ReportError::Json {
        file: file.clone(),
        source,
    })?;
    if report.format == RunReport::FORMAT {
        Ok(report)
    } else {
        let format = report.format;
        Err(ReportError::Format { file, format }.into())
    }
}

/// A file that is no report of a run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReportError {
    /// It is something else.
    #[error("{file} is no report that `chatspec run --json` wrote: {source}")]
    Json {
        /// The file.
        file: String,
        /// Why.
        source: serde_json::Error,
    },
    /// It has another form.
    #[error(
        "{file} is a report of format {format}, and this chatspec reads format {}",
        RunReport::FORMAT
    )]
    Format {
        /// The file.
        file: String,
        /// Its form.
        format: u32,
    },
}

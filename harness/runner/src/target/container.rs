//! A server in a container, through testcontainers.

use testcontainers::core::IntoContainerPort;
use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerAsync, GenericImage};

use super::Endpoint;
use super::running::StartError;

/// A started container; it is removed when this is dropped.
#[derive(Debug)]
pub(super) struct Container {
    container: ContainerAsync<GenericImage>,
    port: u16,
}

impl Container {
    /// Starts `image`, whose server listens on `port` inside.
    pub(super) async fn start(image: &str, port: u16) -> Result<Self, StartError> {
        // A colon behind the last slash is a tag; before it, it is a registry's port.
        let (name, tag) = match image.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, tag),
            _ => (image, "latest"),
        };
        let container = GenericImage::new(name, tag)
            .with_exposed_port(port.tcp())
            .start()
            .await
            .map_err(|error| failed(image, &error))?;
        Ok(Self { container, port })
    }

    /// Where its server is reached from here.
    pub(super) async fn endpoint(&self, image: &str) -> Result<Endpoint, StartError> {
        let port = self
            .container
            .get_host_port_ipv4(self.port.tcp())
            .await
            .map_err(|error| failed(image, &error))?;
        Ok(Endpoint::local(port))
    }

    /// What the engine calls it; the control groups of its processes have this in their names.
    pub(super) fn id(&self) -> &str {
        self.container.id()
    }

    /// How the container ended, if it has.
    pub(super) async fn ended(&self) -> Option<String> {
        match self.container.is_running().await {
            Ok(true) => None,
            Ok(false) => Some("the container ended".to_owned()),
            Err(error) => Some(format!("the container cannot be asked: {error}")),
        }
    }

    /// The end of what it printed.
    pub(super) async fn output(&self) -> String {
        let read = |bytes: Result<Vec<u8>, _>| bytes.ok().unwrap_or_default();
        let mut output = read(self.container.stdout_to_vec().await);
        output.extend(read(self.container.stderr_to_vec().await));
        String::from_utf8_lossy(&output).trim().to_owned()
    }

    /// Ends and removes it.
    pub(super) async fn stop(self) {
        if let Err(error) = self.container.rm().await {
            tracing::warn!(%error, "a container could not be removed");
        }
    }
}

fn failed(image: &str, error: &impl std::fmt::Display) -> StartError {
    StartError::Container {
        image: image.to_owned(),
        cause: error.to_string(),
    }
}

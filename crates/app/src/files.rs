//! The bytes of files, each under the hash of itself. First the object, then its row: a row never points at nothing.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStore, ObjectStoreExt};
use sha2::{Digest, Sha256};

use crate::chance::hex;
use crate::error::{Error, Result};

#[derive(Debug, Clone)]
pub struct Files {
    objects: Arc<dyn ObjectStore>,
}

impl Files {
    /// A folder; every object is on the disk before it is told of.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn in_folder(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder).map_err(|error| Error::Files(error.to_string()))?;
        let objects = LocalFileSystem::new_with_prefix(folder)
            .map_err(|error| Error::Files(error.to_string()))?
            .with_fsync(true);
        Ok(Self {
            objects: Arc::new(objects),
        })
    }

    /// Keeps the bytes; says their name.
    ///
    /// What is there already is written again: so its age says whether somebody is about to point at it (see
    /// [`Files::forget`]).
    ///
    /// # Errors
    /// When the disk says no.
    pub async fn put(&self, bytes: Bytes) -> Result<String> {
        let name = hex(&Sha256::digest(&bytes));
        self.put_as(&name, bytes).await?;
        Ok(name)
    }

    /// Keeps the bytes under a name of the caller's own.
    ///
    /// # Errors
    /// When the disk says no.
    pub async fn put_as(&self, name: &str, bytes: Bytes) -> Result<()> {
        let put = self.objects.put(&place(name), bytes.into()).await;
        put.map_err(|error| Error::Files(error.to_string()))?;
        Ok(())
    }

    /// Takes an object away; one that is not there is gone already.
    ///
    /// # Errors
    /// When the disk says no.
    pub async fn remove(&self, name: &str) -> Result<()> {
        match self.objects.delete(&place(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(Error::Files(error.to_string())),
        }
    }

    /// Takes an object away that was written before then. The caller has seen that no row points at it; a row that is on
    /// its way has written the object again.
    ///
    /// # Errors
    /// When the disk says no.
    pub async fn forget(&self, name: &str, before: Timestamp) -> Result<()> {
        match self.objects.head(&place(name)).await {
            Ok(object) if object.last_modified.timestamp() < before.as_second() => {
                self.remove(name).await
            }
            Ok(_) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(Error::Files(error.to_string())),
        }
    }

    /// # Errors
    /// When there is no such object, or the disk says no.
    pub async fn get(&self, name: &str) -> Result<Bytes> {
        let found = self.find(name).await?;
        found.ok_or_else(|| Error::Files(format!("there is no object {name}")))
    }

    /// The object of this name, if there is one.
    ///
    /// # Errors
    /// When the disk says no.
    pub async fn find(&self, name: &str) -> Result<Option<Bytes>> {
        let object = match self.objects.get(&place(name)).await {
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            object => object.map_err(|error| Error::Files(error.to_string()))?,
        };
        let bytes = object.bytes().await;
        Ok(Some(
            bytes.map_err(|error| Error::Files(error.to_string()))?,
        ))
    }
}

fn place(name: &str) -> ObjectPath {
    let folder = name.get(..2).unwrap_or("xx");
    ObjectPath::from_iter([folder, name])
}

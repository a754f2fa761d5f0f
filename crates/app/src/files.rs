//! The bytes of files, each under the hash of itself. First the object, then its row: a row never points at nothing.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
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
    /// # Errors
    /// When the disk says no.
    pub async fn put(&self, bytes: Bytes) -> Result<String> {
        let name = hex(&Sha256::digest(&bytes));
        let place = place(&name);
        if self.objects.head(&place).await.is_ok() {
            return Ok(name);
        }
        self.objects
            .put(&place, bytes.into())
            .await
            .map_err(|error| Error::Files(error.to_string()))?;
        Ok(name)
    }

    /// # Errors
    /// When there is no such object, or the disk says no.
    pub async fn get(&self, name: &str) -> Result<Bytes> {
        let object = self.objects.get(&place(name)).await;
        let object = object.map_err(|error| Error::Files(error.to_string()))?;
        object
            .bytes()
            .await
            .map_err(|error| Error::Files(error.to_string()))
    }
}

fn place(name: &str) -> ObjectPath {
    let folder = name.get(..2).unwrap_or("xx");
    ObjectPath::from_iter([folder, name])
}

//! Connections: taken in, given to the router, and ended with the server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};

use crate::door::Door;

/// The head of a request comes within this time. It also ends connections on which nothing is asked for as long, so
/// it is a little longer than others keep an idle connection to us.
const HEAD_TIME: Duration = Duration::from_secs(35);
/// After a failure to take a connection in (no free file handles, as a rule).
const BREATH: Duration = Duration::from_millis(200);

/// Answers on this listener until told to stop; requests under way are finished.
///
/// # Errors
/// None while it runs; kept for what may come.
pub async fn serve(door: Arc<Door>, listener: TcpListener) -> std::io::Result<()> {
    let stop = door.stop.clone();
    let router = super::router(door);
    let graceful = GracefulShutdown::new();
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME);
    loop {
        let taken = tokio::select! {
            taken = listener.accept() => taken,
            () = stop.cancelled() => break,
        };
        let (stream, peer) = match taken {
            Ok(taken) => taken,
            Err(error) if is_theirs(&error) => continue,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken in");
                tokio::time::sleep(BREATH).await;
                continue;
            }
        };
        let connection =
            builder.serve_connection(TokioIo::new(quick(stream)), Front::new(&router, peer));
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // A connection that broke is the other side's matter.
            if let Err(error) = connection.await {
                tracing::trace!(%error, "a connection broke");
            }
        });
    }
    drop(listener);
    graceful.shutdown().await;
    Ok(())
}

/// Whoever was about to connect has changed their mind.
fn is_theirs(error: &std::io::Error) -> bool {
    use std::io::ErrorKind as Kind;
    matches!(
        error.kind(),
        Kind::ConnectionRefused | Kind::ConnectionAborted | Kind::ConnectionReset
    )
}

fn quick(stream: TcpStream) -> TcpStream {
    // Only a little slower without it.
    let _ = stream.set_nodelay(true);
    stream
}

/// The router, for one connection: it tells each request where it came from.
struct Front {
    router: TowerToHyperService<Router>,
    peer: SocketAddr,
}

impl Front {
    fn new(router: &Router, peer: SocketAddr) -> Self {
        Self {
            router: TowerToHyperService::new(router.clone()),
            peer,
        }
    }
}

impl Service<hyper::Request<Incoming>> for Front {
    type Response = axum::response::Response;
    type Error = std::convert::Infallible;
    type Future = <TowerToHyperService<Router> as Service<hyper::Request<Body>>>::Future;

    fn call(&self, request: hyper::Request<Incoming>) -> Self::Future {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(self.peer));
        self.router.call(request)
    }
}

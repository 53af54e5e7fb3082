//! Four servers in front of the same shop, each on a free port of the loopback.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::task::{Context, Poll};

use ::axum::Router;
use ::axum::extract::{FromRef, State};
use ::axum::routing::{any, post};
use ::hyper::server::conn::http1;
use ::hyper::service::service_fn;
use antom_webhook::{Ack, Delivery, Receiver, WebhookLayer};
use bytes::Bytes;
use http_body_util::Full;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tower_layer::Layer;

use crate::shop::Shop;

/// Which adapter stands in front of the shop.
#[derive(Debug, Clone, Copy)]
#[expect(non_camel_case_types, reason = "named after the crates, and after the tests' modules")]
pub(crate) enum Kind {
    axum,
    actix,
    hyper,
    tower,
}

impl Kind {
    pub(crate) async fn start(self, shop: &Shop) -> SocketAddr {
        match self {
            Self::axum => serve_axum(shop.clone()).await,
            Self::actix => serve_actix(shop.clone()).await,
            Self::hyper => accept(shop.clone(), serve_hyper).await,
            Self::tower => accept(shop.clone(), serve_tower).await,
        }
    }
}

impl FromRef<Shop> for Receiver {
    fn from_ref(shop: &Shop) -> Self {
        shop.receiver.clone()
    }
}

/// The second account hangs in a nested router, which hides a part of the path from its handlers.
async fn serve_axum(shop: Shop) -> SocketAddr {
    async fn notify(State(shop): State<Shop>, delivery: Delivery) -> Ack {
        shop.handle(delivery).await
    }
    let routes = Router::new()
        .route("/antom/notify", any(notify))
        .nest("/other", Router::new().route("/notify", post(notify)))
        .fallback(notify)
        .with_state(shop);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { ::axum::serve(listener, routes).await });
    address
}

async fn serve_actix(shop: Shop) -> SocketAddr {
    use actix_web::{App, HttpServer, web};
    async fn notify(shop: web::Data<Shop>, delivery: Delivery) -> Ack {
        shop.handle(delivery).await
    }
    let (tell, told) = tokio::sync::oneshot::channel();
    // actix has a runtime of its own, on a thread that ends with the test program.
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = HttpServer::new(move || {
                App::new()
                    .app_data(web::Data::new(shop.receiver.clone()))
                    .app_data(web::Data::new(shop.clone()))
                    .route("/antom/notify", web::route().to(notify))
                    .service(web::scope("/other").route("/notify", web::post().to(notify)))
                    .default_service(web::route().to(notify))
            })
            .workers(1)
            .disable_signals()
            .bind(("127.0.0.1", 0))
            .unwrap();
            tell.send(*server.addrs().first().unwrap()).unwrap();
            server.run().await
        })
    });
    told.await.unwrap()
}

async fn accept<F>(shop: Shop, serve: fn(Shop, TcpStream) -> F) -> SocketAddr
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(shop.clone(), stream));
        }
    });
    address
}

async fn serve_hyper(shop: Shop, stream: TcpStream) {
    let service = service_fn(|request| async {
        let ack = match shop.receiver.receive(request).await {
            Ok(delivery) => shop.handle(delivery).await,
            Err(error) => Ack::for_error(&error),
        };
        Ok::<_, Infallible>(ack.into_http::<Full<Bytes>>())
    });
    // A client that goes away is no failure of the test.
    drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
}

async fn serve_tower(shop: Shop, stream: TcpStream) {
    let service = WebhookLayer::new(shop.receiver.clone()).layer(Handler(shop));
    let service = TowerToHyperService::new(service);
    drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
}

/// A tower service that is only ever handed verified deliveries.
#[derive(Clone)]
struct Handler(Shop);

impl tower_service::Service<Delivery> for Handler {
    type Response = Ack;
    type Error = Infallible;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Ack, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, delivery: Delivery) -> Self::Future {
        let shop = self.0.clone();
        Box::pin(async move { Ok(shop.handle(delivery).await) })
    }
}

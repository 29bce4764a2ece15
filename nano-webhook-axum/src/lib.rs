//! Receive Nano Banana Pro webhooks in axum, tower and hyper: a Layer and an extractor

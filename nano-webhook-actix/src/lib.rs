//! Receive Nano Banana Pro webhooks in actix-web: an extractor and a middleware

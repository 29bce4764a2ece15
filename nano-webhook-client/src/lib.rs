//! Client for the webhook management API of Nano Banana Pro

//! Compiles and runs the Rust code of the documents.
#![forbid(unsafe_code)]

macro_rules! documents {
    ($($name:ident $path:literal)+) => {
        $(
            #[cfg(doctest)]
            #[doc = include_str!(concat!("../../../", $path))]
            mod $name {}
        )+
    };
}

documents! {
    readme "README.md"
    llms "llms.txt"
    getting_started "docs/guide/getting-started.md"
    test_your_handler "docs/guide/test-your-handler.md"
    choose_a_store "docs/guide/choose-a-store.md"
    acknowledge_first "docs/guide/acknowledge-first.md"
    secrets "docs/guide/secrets.md"
    limits "docs/guide/limits.md"
    observability "docs/guide/observability.md"
    aws_lambda "docs/guide/aws-lambda.md"
}

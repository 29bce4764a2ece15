use nano_webhook_inspector::Token;

#[cfg(unix)]
#[test]
fn a_token_is_kept_while_only_its_owner_can_read_it() {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b/token");
    let token = || {
        Token::kept_in(&path).unwrap();
        fs::read_to_string(&path).unwrap()
    };
    let first = token();
    assert_eq!(first.len(), 64);
    assert_eq!(token(), first);
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));

    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let second = token();
    assert_ne!(second, first);
    assert_eq!(mode(&path), 0o600);
    fs::write(&path, "no token").unwrap();
    assert_ne!(token(), second);
    assert!(!format!("{:?}", Token::kept_in(&path).unwrap()).contains(&token()));
}

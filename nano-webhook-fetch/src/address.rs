//! Kinds of addresses, after IANA's special-purpose registries. The standard
//! library's `is_global` is unstable.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// `::ffff:127.0.0.1` is 127.0.0.1.
pub(crate) fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

pub(crate) fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Private, shared (carrier-grade NAT), link-local (cloud metadata), protocol
/// assignments, documentation, relays of 6to4, benchmarks, multicast and reserved
/// blocks are not public.
fn is_public_v4(address: Ipv4Addr) -> bool {
    !matches!(
        address.octets(),
        [0 | 10 | 127 | 224..=255, ..]
            | [100, 64..=127, ..]
            | [169, 254, ..]
            | [172, 16..=31, ..]
            | [192, 0, 0 | 2, _]
            | [192, 88, 99, _]
            | [192, 168, ..]
            | [198, 18..=19, ..]
            | [198, 51, 100, _]
            | [203, 0, 113, _]
    )
}

/// Global unicast is `2000::/3`. Outside of it only the well-known prefix of
/// NAT64 leads to public hosts: it ends with an IPv4 address.
fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => {
            let [.., a, b, c, d] = address.octets();
            is_public_v4(Ipv4Addr::new(a, b, c, d))
        }
        // Protocol assignments (Teredo, ORCHID, benchmarks), documentation, 6to4.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x2002, ..] | [0x3fff, 0..=0xfff, ..] => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_loopback, is_public};

    #[test]
    fn kinds() {
        let (public, loopback, neither) = ((true, false), (false, true), (false, false));
        for (expected, addresses) in [
            (
                public,
                "1.1.1.1 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 128.0.0.1 \
                 169.253.255.255 172.15.255.255 172.32.0.0 192.0.1.0 192.167.255.255 198.17.255.255 \
                 198.20.0.0 223.255.255.255 2001:200:: 2001:4860:4860::8888 2606:4700::1111 \
                 2a00:1450:4001::1 3ffe:: 64:ff9b::1.1.1.1 ::ffff:8.8.8.8",
            ),
            (
                loopback,
                "127.0.0.1 127.255.0.1 ::1 ::ffff:127.0.0.1 ::ffff:127.9.9.9",
            ),
            (
                neither,
                "0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.127.255.255 169.254.169.254 172.16.0.1 \
                 172.31.255.255 192.0.0.9 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.19.255.255 \
                 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 \
                 :: ::127.0.0.1 ::1.1.1.1 ::ffff:10.0.0.1 ::ffff:0:1.1.1.1 64:ff9b::10.0.0.1 \
                 64:ff9b::7f00:1 64:ff9b:1::1.1.1.1 100::1 2001:: 2001::1 2001:2::1 2001:20::1 \
                 2001:db8::1 2002:7f00:1:: 2002:101:101:: 3fff::1 4000:: 5f00::1 fc00::1 \
                 fd12::1 fe80::1 fec0::1 ff02::1",
            ),
        ] {
            for address in addresses.split_whitespace() {
                let address = address.parse().unwrap();
                let found = (is_public(address), is_loopback(address));
                assert_eq!(found, expected, "{address}");
            }
        }
    }
}

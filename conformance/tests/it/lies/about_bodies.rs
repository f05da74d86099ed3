//! Lies about what a link takes, what it answers, and the hash.

use super::catalogue::{Lie, Line, answer, header, line, request};
use super::means::{UPLOAD, digest_of, digits, hash_as, on, refuse, set_request_header};

/// Bytes in a block.
const BLOCK: usize = 4 * 1024 * 1024;

pub const LIES: &[Lie] = &[
    answer(
        "a link takes no application/octet-stream",
        "link/content-type/octet-stream",
        |ask, said, _| {
            if ask.is_link() && ask.header("content-type").contains("octet-stream") {
                refuse(said, 400);
            }
        },
    ),
    answer(
        "a link takes no text/plain",
        "link/content-type/plain-text",
        |ask, said, _| {
            if ask.is_link() && ask.header("content-type").starts_with("text/plain") {
                refuse(said, 400);
            }
        },
    ),
    answer(
        "the Content-Type that spares the preflight is refused",
        "link/content-type/without-a-preflight",
        |ask, said, _| {
            if ask.is_link() && ask.header("content-type").starts_with("text/plain") {
                refuse(said, 400);
            }
        },
    ),
    request(
        "a link takes every Content-Type",
        "link/content-type/all-others",
        |ask, _| {
            if ask.is_link() {
                set_request_header(ask, "content-type", "application/octet-stream");
            }
        },
    ),
    request(
        "an empty Content-Type is as good as bytes",
        "link/content-type/all-others",
        |ask, _| {
            if ask.is_link() && ask.header("content-type").is_empty() {
                set_request_header(ask, "content-type", "application/octet-stream");
            }
        },
    ),
    request(
        "a multipart form is stored as it is",
        "link/content-type/multipart-form",
        |ask, _| {
            if ask.is_link() {
                set_request_header(ask, "content-type", "application/octet-stream");
            }
        },
    ),
    answer(
        "a used link is told in other words",
        "link/texts/the-documented-one",
        |_, said, _| {
            said.replace("has been recently consumed", "was used already");
        },
    ),
    line(
        "100 Continue is never answered",
        "link/framing/expect-continue",
        Line::WithoutContinue,
    ),
    request(
        "of a body in pieces the first is stored",
        "link/requests/in-pieces",
        |ask, _| {
            if ask.is_link() {
                ask.body = ask.body.slice(..1);
            }
        },
    ),
    request(
        "a body in chunks loses its last byte",
        "link/requests/chunks-of-the-client",
        |ask, _| {
            if ask.is_link() && ask.body.len() > 1 {
                ask.body = ask.body.slice(..ask.body.len() - 1);
            }
        },
    ),
    answer(
        "a preflight is refused",
        "link/cors/preflight",
        |ask, said, _| {
            if ask.is_link() && ask.method == "OPTIONS" {
                said.status = 403;
            }
        },
    ),
    answer(
        "a preflight allows no Content-Type",
        "link/cors/preflight",
        |ask, said, _| {
            if ask.is_link() && ask.method == "OPTIONS" {
                said.drop_header("access-control-allow-headers");
            }
        },
    ),
    answer(
        "a preflight allows no page to post",
        "link/cors/preflight",
        |ask, said, _| {
            if ask.is_link() && ask.method == "OPTIONS" {
                said.drop_header("access-control-allow-origin");
            }
        },
    ),
    request(
        "a preflight uses the link up",
        "link/cors/preflight",
        |ask, _| {
            if ask.is_link() && ask.method == "OPTIONS" {
                "POST".clone_into(&mut ask.method);
                set_request_header(ask, "content-type", "application/octet-stream");
            }
        },
    ),
    header(
        "no page may read a success",
        "link/cors/on-success",
        ("link", 200),
        ("access-control-allow-origin", None),
    ),
    header(
        "a success may be asked for without TLS",
        "link/answers/of-a-success",
        ("link", 200),
        ("strict-transport-security", None),
    ),
    answer(
        "the text of an error is not disarmed",
        "link/answers/of-an-error",
        |ask, said, _| {
            if ask.is_link() && said.status >= 400 {
                said.drop_header("content-security-policy");
            }
        },
    ),
    answer(
        "a success has a space before its colon",
        "link/answers/success-to-the-byte",
        |ask, said, _| {
            if ask.is_link() {
                said.replace("\"content-hash\":", "\"content-hash\" :");
            }
        },
    ),
    answer(
        "an error ends in a line break",
        "link/answers/no-newline",
        |ask, said, _| {
            if ask.is_link() && said.status >= 400 {
                said.body = format!("{}\n", said.text()).into();
            }
        },
    ),
    answer(
        "every answer has the same request id",
        "link/answers/request-ids",
        |ask, said, _| {
            if ask.is_link() {
                said.set_header("x-dropbox-request-id", "0123456789abcdef0123456789abcdef");
            }
        },
    ),
    answer(
        "a link tells the rev of what it stored",
        "link/answers/nothing-is-revealed",
        |ask, said, _| {
            if ask.is_link() && said.status == 200 {
                said.change_json(|json| json["rev"] = "0123456789abcdef".into());
            }
        },
    ),
    answer(
        "a short text is hashed in blocks of four bytes",
        "hash/vectors/short-texts",
        |ask, said, _| {
            hash_as(ask, said, |bytes| digest_of(bytes.chunks(4)));
        },
    ),
    answer(
        "no bytes are a block, too",
        "hash/vectors/no-bytes",
        |ask, said, _| {
            on(ask, said, UPLOAD, |json| {
                json["content_hash"] = digest_of([&ask.body[..]]).into();
            });
        },
    ),
    answer(
        "one byte and two are hashed one by one",
        "hash/vectors/one-and-two-bytes",
        |ask, said, _| {
            hash_as(ask, said, |bytes| digest_of(bytes.chunks(1)));
        },
    ),
    answer(
        "a block is one byte longer",
        "hash/vectors/zeros-around-one-block",
        |ask, said, _| {
            hash_as(ask, said, |bytes| digest_of(bytes.chunks(BLOCK + 1)));
        },
    ),
    answer(
        "a block is one byte shorter",
        "hash/vectors/counting-around-one-block",
        |ask, said, _| {
            hash_as(ask, said, |bytes| digest_of(bytes.chunks(BLOCK - 1)));
        },
    ),
    answer(
        "a block is four million bytes",
        "hash/vectors/below-two-blocks",
        |ask, said, _| {
            hash_as(ask, said, |bytes| digest_of(bytes.chunks(4_000_000)));
        },
    ),
    answer(
        "an empty block follows a full one",
        "hash/vectors/two-blocks",
        |ask, said, _| {
            hash_as(ask, said, |bytes| {
                let blocks = bytes.chunks(BLOCK);
                digest_of(blocks.chain([&b""[..]]))
            });
        },
    ),
    answer(
        "a short last block is left out",
        "hash/vectors/above-two-blocks",
        |ask, said, _| {
            hash_as(ask, said, |bytes| digest_of(bytes.chunks_exact(BLOCK)));
        },
    ),
    answer(
        "a short last block is filled up with zeros",
        "hash/vectors/ten-mib-and-three-bytes-of-zeros",
        |ask, said, _| {
            hash_as(ask, said, |bytes| {
                let mut whole = bytes.to_vec();
                whole.resize(bytes.len().next_multiple_of(BLOCK), 0);
                digest_of(whole.chunks(BLOCK))
            });
        },
    ),
    answer(
        "the blocks are taken from the end",
        "hash/vectors/ten-mib-and-three-bytes-counting",
        |ask, said, _| {
            hash_as(ask, said, |bytes| digest_of(bytes.chunks(BLOCK).rev()));
        },
    ),
    answer(
        "a body in chunks is hashed as one",
        "hash/chunks/across-a-block-edge",
        |ask, said, _| {
            if ask.header("transfer-encoding") == "chunked" {
                hash_as(ask, said, |bytes| digest_of([bytes]));
            }
        },
    ),
    answer(
        "files/upload tells the plain SHA-256",
        "hash/upload/the-same-by-both-ways",
        |ask, said, _| {
            on(ask, said, UPLOAD, |json| {
                json["content_hash"] = digits(&ask.body).into();
            });
        },
    ),
];

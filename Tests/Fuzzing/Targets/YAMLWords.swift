// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What means something in a configuration file.
enum YAMLWords {
    static let all = structure + keys + values

    private static let structure = [
        "[", "]", "{", "}", ": ", "- ", "? ", "\n", "\n  ", "\r\n", "\t", "#", "---\n", "...\n", "%YAML 1.1\n", "|\n",
        ">\n",
        "|2-\n", "\"", "'", "&a ", "*a", "<<: ", "!!str ", "!<tag:x> ", ",", "\\", "\"\\ud800\"", "\"\\x00\"", "\u{85}",
        "\u{2028}", "\u{202E}", "null", "~", "[[[[[[[[", "{a: ", "- - - - ", "x: &a [*a, *a]\n",
    ]
    private static let keys = [
        "version: 1\n", "brokers:\n", "streams:\n", "defaults:\n", "environments:\n", "default: ", "drain: ",
        "provider: ",
        "visibility: ", "groups: ", "retry: ", "attempts: ", "initial: ", "max: ", "jitter: ", "dead-letter: ",
        "stream: ", "also: ", "broker: ", "retention: ", "max-length: ", "max-age: ", "policy: ", "ordering: ",
        "concurrency: ", "prefetch: ", "start: ", "guarantee: ", "max-payload: ", "timeout: ", "url: ", "prefix: ",
        "tls: ", "buffer: ", "body: ", "field: ", "username: ", "password: ", "x-note: ", "backoff: ",
    ]
    private static let values = [
        "redis-streams", "redis-pubsub", "memory", "at-most-once", "at-least-once", "30s", "100ms", "24h", "5m", "0s",
        "99999999999999999999s", "1GiB", "64KiB", "0.5", "1e309", "nan", "earliest", "latest", "1700000000000-0",
        "2026-01-31T12:00:00Z", "9999-99-99", "none", "key", "exponential", "fixed", "true", "false", "orders",
        "\"a.*\"",
        "{orders}:dead", "orders:due", "${N}", "${URL}", "${EMPTY:-x}", "${NONE:?why}", "${ODD}", "${", "$$",
        "${A:-${B}}",
        "redis://user:secret@host:6379/3?x=1", "redis+sentinel://a,b/shop", "redis+cluster://a,b:7000", "sentinel",
        "address-map", "rediss://[::1]:1", "redis+unix:///tmp/x", "redis://:0", "cap",
    ]
}

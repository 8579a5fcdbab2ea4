// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What a server speaks that is no Redis server, as far as its first bytes tell. Closed by design.
enum ForeignProtocol: String, Sendable, Hashable {
    case http = "HTTP"
    case ssh = "SSH"
    case mail = "SMTP or FTP"
    case tls = "TLS"

    /// Recognises bytes that are no reply; `nil` when they may be anything.
    init?(_ bytes: some Collection<UInt8>) {
        let start = Array(bytes.prefix(9))
        for (text, kind) in Self.beginnings where start.starts(with: text.utf8) {
            self = kind
            return
        }
        // An alert record, which every version of TLS begins with these bytes.
        guard start.starts(with: [0x15, 0x03]) else { return nil }
        self = .tls
    }

    /// The servers of some libraries answer a request that they cannot read with a page alone.
    private static let beginnings: [(String, ForeignProtocol)] = [
        ("HTTP/", .http), ("<!DOCTYPE", .http), ("<!doctype", .http), ("<html", .http), ("<HTML", .http),
        ("SSH-", .ssh), ("220 ", .mail), ("220-", .mail),
    ]
}

extension RedisError {
    /// Makes the error for bytes that are no reply.
    init(_ refusal: ReplyRefusal, of bytes: some Collection<UInt8>) {
        self.init(.malformedReply, "the server sent \(refusal.reason)", effect: .unknown)
        foreignProtocol = ForeignProtocol(bytes)
    }
}

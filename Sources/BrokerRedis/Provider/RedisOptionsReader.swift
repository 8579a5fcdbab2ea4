// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory
import Logging
import RedisWire

/// Reads how to reach a Redis server from the options of a broker.
///
/// Each mistake is a problem at its position. No part of a URL is shown, since it may contain a secret in the wrong
/// place.
struct RedisOptionsReader {
    /// How a server's certificate is checked.
    enum Verification: String, CaseIterable {
        case full, none
    }

    var options: ConfigurationReader

    init(_ options: ConfigurationReader) {
        self.options = options
    }

    /// Returns the options of a broker on Redis Streams, with every default; `nil` after a problem.
    mutating func readStreams() -> RedisStreamsOptions? {
        let reach = reach()
        let connections = options.integer("max-connections", in: RedisBrokerKeys.connections, default: 64)
        let requiresNoEviction = options.section("require") { $0.flag("noeviction", default: false) }
        guard let reach, options.problems.isEmpty else { return nil }
        var result = RedisStreamsOptions(connection: reach.connection)
        result.prefix = reach.prefix
        result.waitsForLogin = reach.waitsForLogin
        result.maximumConnections = connections
        result.requiresNoEviction = requiresNoEviction
        return result
    }

    /// Returns the options of a broker on Redis Pub/Sub, with every default; `nil` after a problem.
    mutating func readPubSub() -> RedisPubSubOptions? {
        let reach = reach()
        let channels = options.choice("channels", default: RedisChannels.Kind.classic)
        let buffer = options.section("buffer") { reader in
            var bounds = BufferBounds()
            bounds.limit = reader.integer("limit", in: RedisPubSubKeys.limits, default: bounds.limit)
            bounds.bytes = reader.size("bytes", in: RedisPubSubKeys.sizes, default: bounds.bytes)
            bounds.overflow = reader.choice("overflow", default: bounds.overflow)
            return bounds
        }
        guard let reach, options.problems.isEmpty else { return nil }
        var result = RedisPubSubOptions(connection: reach.connection)
        result.prefix = reach.prefix
        result.waitsForLogin = reach.waitsForLogin
        result.channels = channels
        result.buffer = buffer
        return result
    }

    /// Reads how to reach the server, and the prefix of every name.
    private mutating func reach() -> (connection: RedisOptions, prefix: String, waitsForLogin: Bool)? {
        let url = url()
        let password = options.password("password")
        let username = options.text("username")
        let database = options.integer("database", in: RedisBrokerKeys.databases)
        let waitsForLogin = options.flag("wait-for-login", default: false)
        let name = clientName()
        let prefix = prefix()
        let tls = tls(url)
        let sentinel = sentinel(url, tls)
        let addressMap = addressMap(url)
        let connect = options.duration("connect-timeout", in: RedisBrokerKeys.timeouts, default: .seconds(30))
        let command = options.duration("command-timeout", in: RedisBrokerKeys.timeouts, default: .seconds(5))
        guard let url else { return nil }

        var connection = RedisOptions(url: joined(url, username, password, database))
        connection.tls = tls
        connection.sentinel = sentinel
        connection.addressMap = addressMap
        connection.clientName = name
        connection.connectTimeout = connect
        connection.commandTimeout = command
        return (connection, prefix, waitsForLogin)
    }

    // MARK: The server

    private mutating func url() -> RedisURL? {
        options.require("url")
        guard let text = options.string("url") else { return nil }
        do throws(RedisError) {
            return try RedisURL(text)
        } catch {
            let reason = error.message.firstRange(of: "is no URL").map { error.message[$0.lowerBound...] }
            report("url", String(reason ?? "is no URL of a Redis server"))
            return nil
        }
    }

    /// Adds the keys to the URL. A value in both is a mistake, since one of them would have no effect.
    private mutating func joined(
        _ url: RedisURL, _ username: String?, _ password: RedisPassword?, _ database: Int?
    ) -> RedisURL {
        let inBoth = [
            ("username", username != nil && url.username != nil),
            ("password", password != nil && url.password != nil),
            ("database", database != nil && url.database != nil),
        ]
        for (key, isTwice) in inBoth where isTwice { report(key, "is in the 'url' too; say it once") }
        var url = url
        url.username = username ?? url.username
        url.password = password ?? url.password
        url.database = database ?? url.database
        if url.username != nil, url.password == nil, !options.contains("password") {
            report(username == nil ? "url" : "username", "names a user without a password")
        }
        if case .cluster = url.place, let database, database != 0 {
            report("database", "has to be 0 with a 'url' of a cluster, which has no other one")
        }
        return url
    }

    // MARK: Restricted strings

    private mutating func clientName() -> String {
        let name = options.string("client-name", default: "streambroker")
        let isPlain = name.utf8.allSatisfy { (0x21...0x7e).contains($0) }
        if name.isEmpty || !isPlain { report("client-name", "takes printable ASCII characters without spaces") }
        return name
    }

    private mutating func prefix() -> String {
        guard let prefix = options.text("prefix") else { return "" }
        let isPlain = prefix.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._:-".contains($0)) }
        if !isPlain || prefix.utf8.count > 64 {
            report("prefix", "takes up to 64 letters, digits, '.', '_', '-', ':'")
        }
        return prefix
    }

    mutating func report(_ key: String, _ problem: String) {
        options.report(of: key, problem)
    }
}

extension ConfigurationReader {
    /// Reads a text that is not empty.
    mutating func text(_ key: String) -> String? {
        guard let text = string(key) else { return nil }
        if text.isEmpty { report(of: key, "is empty; leave it out when there is none") }
        return text
    }

    /// Reads a password, which is not empty.
    mutating func password(_ key: String) -> RedisPassword? {
        guard let password = secret(key) else { return nil }
        if password.value.isEmpty { report(of: key, "is empty; leave it out when there is none") }
        return RedisPassword(password.value)
    }

    /// Reports a problem of a key: the rest of a sentence that begins with its name and its place.
    mutating func report(of key: String, _ problem: String) {
        report("'\(key)'\(path.phrase) \(problem)", key: key)
    }
}

/// What both factories report.
extension RedisOptions {
    /// Warns if the server's certificate is not verified.
    func warn(_ logger: Logger) {
        guard url.isEncrypted, tls.verification == .none else { return }
        logger.warning(
            "The server's certificate is not verified (tls.verify is none): anybody can pose as the server",
            metadata: [LinkLoggingKeys.address: "\(url)"])
    }

    /// Warns if the Sentinels' certificates are not verified.
    func warnOfSentinels(_ logger: Logger) {
        guard case .sentinels(let addresses, _) = url.place else { return }
        let asked = sentinel(at: addresses[0])
        guard asked.url.isEncrypted, asked.tls.verification == .none else { return }
        logger.warning(
            "The Sentinels' certificates are not verified (verify is none): anybody can say where the primary is",
            metadata: [LinkLoggingKeys.address: "\(url)"])
    }
}

extension ConfigurationReader {
    /// Reports that no connection can be made with the options: files of certificates that cannot be used, mostly.
    mutating func report(unusable error: RedisError) {
        let isEncryption = error.message.hasPrefix("tls: ")
        let problem = isEncryption ? error.message.dropFirst(5) : error.message[...]
        let key = isEncryption ? "tls" : "url"
        report("'\(key)'\(path.phrase): \(problem)", key: key)
    }
}

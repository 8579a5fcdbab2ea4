// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire

/// Reads what concerns the connections to servers: encryption, Sentinels, and addresses behind NAT.
extension RedisOptionsReader {
    mutating func tls(_ url: RedisURL?) -> TLSOptions {
        let tls = options.section("tls") { reader in
            var tls = reader.certificates()
            tls.verification = reader.choice("verify", default: Verification.full) == .full ? .full : .none
            return tls
        }
        if let url, options.contains("tls"), !url.isEncrypted {
            report("tls", "needs a 'url' that begins with \(url.encryptedScheme)://")
        }
        return tls
    }

    /// Reads how Sentinels are logged in to.
    mutating func sentinel(_ url: RedisURL?, _ data: TLSOptions) -> SentinelOptions {
        let sentinel = options.section("sentinel") { reader in
            var sentinel = SentinelOptions()
            sentinel.username = reader.text("username")
            sentinel.password = reader.password("password")
            if sentinel.username != nil, !reader.contains("password") {
                reader.report(of: "username", "names a user without a password")
            }
            (sentinel.isEncrypted, sentinel.tls) = reader.sentinelTLS(data)
            if let url, reader.contains("tls"), !url.isEncrypted, sentinel.isEncrypted == nil {
                reader.report(
                    of: "tls", "needs a 'url' that begins with \(url.encryptedScheme)://, or 'enabled: true'")
            }
            return sentinel
        }
        if let url, options.contains("sentinel"), !url.place.isFoundBySentinels {
            report(
                "sentinel",
                "is for a 'url' that begins with redis+sentinel://; where it begins with "
                    + "\(url.scheme)://, write 'sentinel: null'")
        }
        return sentinel
    }

    /// Reads where we reach the servers that Sentinels and the nodes of a cluster tell.
    mutating func addressMap(_ url: RedisURL?) -> AddressMap {
        let map = options.section("address-map") { reader in
            var map = AddressMap()
            for entry in reader.node.entries ?? [] where !entry.key.hasPrefix("x-") {
                reader.addAddress(entry, to: &map)
            }
            return map
        }
        if let url, options.contains("address-map"), url.place.server != nil {
            report(
                "address-map",
                "is for a 'url' of Sentinels or of a cluster; where it begins with \(url.scheme)://, "
                    + "write 'address-map: null'")
        }
        return map
    }
}

extension ConfigurationReader {
    /// Reads the files and the name of a section about TLS.
    fileprivate mutating func certificates() -> TLSOptions {
        var tls = TLSOptions()
        tls.authorityFile = string("ca")
        tls.certificateFile = string("certificate")
        tls.keyFile = string("key")
        tls.serverName = string("server-name")
        if (tls.certificateFile == nil) != (tls.keyFile == nil) {
            let (said, missing) = tls.keyFile == nil ? ("certificate", "key") : ("key", "certificate")
            report("'\(said)'\(path.phrase) needs '\(missing)' beside it", key: said)
        }
        return tls
    }

    /// Reads the section about TLS of Sentinels. How their certificates are checked is taken from the data where nothing
    /// else is said; our own certificate is not.
    fileprivate mutating func sentinelTLS(_ data: TLSOptions) -> (isEnabled: Bool?, TLSOptions) {
        let (isEnabled, own, verification) = section("tls") { reader in
            let isEnabled = reader.flag("enabled")
            return (isEnabled, reader.certificates(), reader.choice("verify", of: RedisOptionsReader.Verification.self))
        }
        // The first connection to a Sentinel would be too late.
        if own.authorityFile != nil || (own.certificateFile != nil && own.keyFile != nil) {
            do throws(RedisError) { try own.validate() } catch { report(unusable: error) }
        }
        var tls = own
        tls.authorityFile = own.authorityFile ?? data.authorityFile
        tls.verification = verification.map { $0 == .full ? .full : .none } ?? data.verification
        return (isEnabled, tls)
    }

    /// Reads one line of an address map.
    fileprivate mutating func addAddress(_ entry: ConfigurationNode.Entry, to map: inout AddressMap) {
        guard let text = string(entry.key) else { return }
        let told: RedisAddress
        do throws(RedisError) {
            told = try RedisAddress(entry.key)
        } catch {
            report(
                "a key\(path.phrase) is an address as the servers tell it, such as 10.0.0.5:6379; \(error.message)",
                at: entry.keyPosition)
            return
        }
        do throws(RedisError) {
            if !map.add(told, reachedAt: try RedisAddress(text)) {
                report("'\(told)'\(path.phrase) is there twice", at: entry.keyPosition)
            }
        } catch {
            report(of: entry.key, "takes a host and a port, such as redis-1.example:7001; \(error.message)")
        }
    }
}

extension RedisURL {
    fileprivate var scheme: String { place.scheme(isEncrypted: isEncrypted) }

    /// What it would begin with over TLS. A socket has none, so it is another server's URL then.
    fileprivate var encryptedScheme: String {
        if case .server = place { return "rediss" }
        return place.scheme(isEncrypted: true)
    }
}

extension RedisPlace {
    fileprivate var isFoundBySentinels: Bool {
        guard case .sentinels = self else { return false }
        return true
    }
}

// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import Logging
import Synchronization

/// The watches of the process: links to the same primary by the same Sentinels share one.
enum SentinelWatches {
    private struct Key: Hashable {
        var place: RedisPlace
        var isEncrypted: Bool
        var sentinel: SentinelOptions
        var tls: TLSOptions
        var map: AddressMap
    }

    private struct Entry { weak var watch: SentinelWatch? }

    private static let entries = Mutex<[Key: Entry]>([:])

    /// Returns the watch for a place; `nil` for a place without Sentinels.
    static func watch(for options: RedisOptions, logger: Logger) throws(RedisError) -> SentinelWatch? {
        guard case .sentinels(let sentinels, let name) = options.url.place else { return nil }
        let key = Key(
            place: options.url.place, isEncrypted: options.url.isEncrypted, sentinel: options.sentinel,
            tls: options.tls, map: options.addressMap)
        if let watch = entries.withLock({ $0[key]?.watch }) { return watch }
        let made = try SentinelWatch(sentinels, primary: name, options, logger: logger)
        return entries.withLock { entries in
            entries = entries.filter { $0.value.watch != nil }
            // Somebody else may have been quicker.
            if let watch = entries[key]?.watch { return watch }
            entries[key] = Entry(watch: made)
            return made
        }
    }
}

extension RedisOptions {
    /// Returns what knows the server to connect to; `nil` if the URL names it.
    package func addressSource(logger: Logger) throws(RedisError) -> (any AddressSource)? {
        try SentinelWatches.watch(for: self, logger: logger)
    }
}

// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisWire

/// The scripts of the version before that have changed since, as that version sends them.
///
/// It keeps the guard of a sweep in a key of its own, and nothing in the sorted set of a group in which nothing waits.
enum FormerScripts {
    static let group = leasing(PackageResources.group_lua)
    static let sweep = leasing(PackageResources.waiting_lua, PackageResources.sweep_lua)
    static let park = leasing(PackageResources.waiting_lua, PackageResources.park_lua)

    private static func leasing(_ files: [UInt8]...) -> RedisScript {
        let parts = [PackageResources.prelude_lua, PackageResources.ids_lua, PackageResources.lease_lua] + files
        return RedisScript(parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n"))
    }
}

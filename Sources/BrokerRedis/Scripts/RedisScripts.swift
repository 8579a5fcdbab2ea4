// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import RedisWire

/// The scripts, each made of its file in `Lua/` with what it begins with.
///
/// What a script assumes and answers stands at the head of its file.
package enum RedisScripts {
    /// Makes a group if there is none.
    package static let group = leasing(PackageResources.group_lua)
    /// Leases what is due and what has expired.
    package static let sweep = leasing(PackageResources.waiting_lua, PackageResources.sweep_lua)
    /// Gives leases up until their time comes.
    package static let park = leasing(PackageResources.waiting_lua, PackageResources.park_lua)
    /// Lets leases begin anew.
    package static let extend = leasing(PackageResources.extend_lua)
    /// Leases again what was taken from its holder.
    package static let restore = leasing(PackageResources.restore_lua)
    /// Stores entries among the dead letters.
    package static let dead = leasing(PackageResources.remove_lua, PackageResources.dead_lua)
    /// Publishes in the place of an entry.
    package static let forward = leasing(PackageResources.remove_lua, PackageResources.forward_lua)
    /// Lets a group be given again what it has had.
    package static let rewind = leasing(PackageResources.rewind_lua)
    /// Deletes consumers that hold nothing.
    package static let members = script(PackageResources.members_lua)
    /// Removes what is left beside a stream that is gone.
    package static let vanish = script(PackageResources.vanish_lua)
    /// Trims a stream and writes the floors of its groups.
    package static let maintain = script(PackageResources.ids_lua, PackageResources.maintain_lua)

    /// At most so many entries are settled by one call of a script, so that the server is not held up.
    package static let maximumEntries = 256

    private static func leasing(_ files: [UInt8]...) -> RedisScript {
        script([PackageResources.ids_lua, PackageResources.lease_lua] + files)
    }

    private static func script(_ files: [UInt8]...) -> RedisScript {
        script(files)
    }

    private static func script(_ files: [[UInt8]]) -> RedisScript {
        let parts = [PackageResources.prelude_lua] + files
        return RedisScript(parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n"))
    }
}

// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import RedisWire

/// The scripts. Each consists of its file in `Lua/` and of the files that it needs.
///
/// The head of each file tells what the script expects and replies.
package enum RedisScripts {
    /// Makes a group if there is none.
    package static let group = leasing(PackageResources.waiting_lua, PackageResources.group_lua)
    /// Leases what is due and what has expired.
    package static let sweep = leasing(PackageResources.waiting_lua, PackageResources.sweep_lua)
    /// Gives leases up until their time comes.
    package static let park = leasing(PackageResources.waiting_lua, PackageResources.park_lua)
    /// Renews leases.
    package static let extend = leasing(PackageResources.extend_lua)
    /// Restores leases that were taken from their holder.
    package static let restore = leasing(PackageResources.restore_lua)
    /// Shows which handler has been running longest.
    package static let show = leasing(PackageResources.show_lua)
    /// Moves entries to the dead letters.
    package static let dead = leasing(PackageResources.remove_lua, PackageResources.dead_lua)
    /// Stores messages in the place of an entry.
    package static let forward = leasing(
        PackageResources.remove_lua, PackageResources.once_lua, PackageResources.forward_lua)
    /// Stores a message once.
    package static let publish = script(PackageResources.once_lua, PackageResources.publish_lua)
    /// Sets a group back.
    package static let rewind = leasing(PackageResources.rewind_lua)
    /// Stores a message in the place of an entry of another stream.
    package static let move = script(PackageResources.move_lua)
    /// Deletes consumers that hold nothing.
    package static let members = script(PackageResources.members_lua)
    /// Removes the keys of a group whose stream is gone.
    package static let vanish = script(PackageResources.vanish_lua)
    /// Trims a stream and writes the floors of its groups.
    package static let maintain = script(PackageResources.ids_lua, PackageResources.maintain_lua)

    /// How many entries one call settles at most, so that it does not block the server for long.
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

// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// Knows to which server the next attempt to connect leads, where that changes while the program runs.
///
/// Links ask it only when they connect. Any thread may call it; it must not block.
package protocol AddressSource: AnyObject, Sendable {
    /// Tells a link from now on when it has to leave its server. The source does not keep the link.
    func add(_ follower: any AddressFollower)

    /// Returns the address for an attempt that begins now, or why there is none.
    func address(on loop: any EventLoop) -> EventLoopFuture<RedisAddress>

    /// A connection of the follower has proved that it leads to a primary.
    func proved(_ address: RedisAddress, by follower: any AddressFollower)

    /// An attempt failed.
    ///
    /// - Parameter isRefuted: Whether the server has said that it is no primary.
    func failed(_ address: RedisAddress, isRefuted: Bool)

    /// A connection in use was lost, or an error says that it may lead to the wrong server.
    ///
    /// - Parameter isConnected: Whether the connection is still in use.
    func doubt(_ address: RedisAddress, because cause: String, isConnected: Bool)
}

/// Connects to where a source says.
package protocol AddressFollower: AnyObject, Sendable {
    /// Closes a connection or an attempt that leads elsewhere at once. What is in flight has an unknown effect, and the
    /// next attempt leads to this address.
    func leave(for address: RedisAddress, because error: RedisError)
}

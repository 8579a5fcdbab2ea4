// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The optional ability to remember that a group has never handled a message.
///
/// The engine keeps what a new group cannot decode, since a setting may be wrong. In a group that has handled a message
/// it becomes a dead letter at once. Without this ability, no group counts as new.
public protocol NewGroupReporting: BrokerProvider {
    /// Returns whether none of these groups has been confirmed since it was made for the first time.
    ///
    /// The answer is the same for every consumer, and a restart does not change it. A group of another program counts as
    /// new until a consumer of this framework has confirmed it.
    ///
    /// - Parameters:
    ///   - group: The group, which a consumer has joined.
    ///   - selection: The stream, or the pattern of the streams.
    func isNew(_ group: GroupName, of selection: StreamSelection) async throws(BrokerError) -> Bool

    /// Records that a group has handled a message. It may be called more than once.
    func confirm(_ group: GroupName, of selection: StreamSelection) async throws(BrokerError)
}

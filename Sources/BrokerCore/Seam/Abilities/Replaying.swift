// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The optional ability to give a group again what it has had.
public protocol Replaying: BrokerProvider {
    /// Lets a group be given again everything from a position on, and returns the id behind which it reads now.
    ///
    /// One step, and nothing that another group sees. A position ahead of what the group has been given changes
    /// nothing: nothing is ever skipped. What is pending behind the position leaves the pending list, retries that wait
    /// included, and comes as new with the rest; what is pending before it stays as it is. Receipts of before keep
    /// their epoch: they settle what they still hold, and an ack of what has been given again meanwhile settles that,
    /// since success is success. Consumers of the group go on. Throws ``BrokerError/Code/undeclaredGroup`` when there
    /// is no such group.
    func rewind(
        _ group: GroupName, of stream: StreamName, to start: StartPosition
    ) async throws(BrokerError) -> MessageID
}

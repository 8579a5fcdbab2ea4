// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What happens to the messages of a new group if none of the first ones can be decoded.
public enum UndecodablePolicy: String, Sendable, Hashable, CaseIterable {
    /// They are kept. After the first ten the consumer takes no more messages and is not ready.
    case stop
    /// They become dead letters, as in every other group.
    case deadLetter = "dead-letter"
}

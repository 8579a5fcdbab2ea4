// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// A group of a stream, with the numbers of its own.
public struct GroupConfiguration: Sendable {
    /// The name.
    public var name: GroupName
    /// What holds for it; what it leaves out comes from its stream, then from the defaults.
    public var options: ConsumerOptions
    /// Where it is declared; `nil` when it was built in code.
    public var position: SourcePosition?

    /// Makes a group; by default with nothing of its own.
    public init(_ name: GroupName, _ options: ConsumerOptions = ConsumerOptions(), position: SourcePosition? = nil) {
        self.name = name
        self.options = options
        self.position = position
    }
}

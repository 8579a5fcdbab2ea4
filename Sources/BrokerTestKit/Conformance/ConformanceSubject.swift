// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

/// What is put to the test: how to get a backend of a kind, fresh for each check.
public struct ConformanceSubject: Sendable {
    /// What reports call it.
    public var name: String
    /// Makes a backend that no other check sees.
    public var makeBackend: @Sendable () async throws -> ConformanceBackend

    /// Makes a subject.
    public init(_ name: String, makeBackend: @escaping @Sendable () async throws -> ConformanceBackend) {
        self.name = name
        self.makeBackend = makeBackend
    }
}

/// A backend for one check: the providers that reach it, and how time passes for it.
public struct ConformanceBackend: Sendable {
    /// How time passes.
    public var time: TimeControl
    /// The provider under test.
    public var provider: any BrokerProvider
    /// A second provider on the same backend, as another process would have; `nil` where there cannot be one.
    public var peer: (any BrokerProvider)?
    /// What is put behind each stream name, so that checks on one server do not meet.
    public var suffix: String
    /// Ends every connection that the provider under test has; does nothing where there are none.
    public var disconnect: @Sendable () async throws -> Void = {}
    /// What is called at the end, after the providers have been closed.
    public var dispose: @Sendable () async -> Void

    /// Describes a backend; by default it has no peer and needs no disposal.
    public init(
        time: TimeControl, provider: any BrokerProvider, peer: (any BrokerProvider)? = nil, suffix: String = "",
        dispose: @escaping @Sendable () async -> Void = {}
    ) {
        self.time = time
        self.provider = provider
        self.peer = peer
        self.suffix = suffix
        self.dispose = dispose
    }
}

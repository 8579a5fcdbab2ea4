// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

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

// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Who said a value, beside the place where it stands.
public struct ConfigurationOrigin: Sendable, Hashable {
    /// The environment whose overlay said it; `nil` for the base file.
    public var environment: String?
    /// The variables that its text was taken from; such text may be a secret and is never shown.
    public var variables: [String]
    /// Whether the value could not be had, since a variable is not set: reported there, and read as if it were absent.
    package var isUnusable: Bool

    /// Makes an origin; by default the base file, without variables.
    public init(environment: String? = nil, variables: [String] = []) {
        self.environment = environment
        self.variables = variables
        isUnusable = false
    }
}

// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Bytes, one piece after another.
protocol ByteSource: Sendable {
    /// The next piece; `nil` at the end.
    func next() async throws -> [UInt8]?
}

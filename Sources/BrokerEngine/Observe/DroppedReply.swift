// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Why an answer to a request reached nobody.
@nonexhaustive
public enum DroppedReply: String, Sendable, Hashable, CaseIterable {
    /// The caller has its answer already, gave up, or was cancelled.
    case unawaited
    /// The stream of answers is gone: the asking process has ended, or on Pub/Sub does not listen at the moment.
    case requesterGone
}

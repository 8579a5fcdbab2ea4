// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What a handler did, as an ending.
extension Ending {
    /// What an error that left a handler means.
    init(_ error: any Error) {
        switch error {
        case let rejection as Reject: self = .rejected(rejection.reason)
        case let undecodable as Undecodable: self = .undecodable(undecodable.reason)
        default: self = .threw(error)
        }
    }

    /// Whether the handler returned.
    var isSuccess: Bool {
        if case .returned = self { true } else { false }
    }

    /// What the handler threw; `nil` when it did not.
    var error: (any Error)? {
        switch self {
        case .threw(let error): error
        case .rejected(let reason): Reject(reason)
        case .undecodable(let reason): Undecodable(reason: reason)
        case .returned, .asked, .timedOut, .shutDown, .interrupted, .neverRan: nil
        }
    }

    /// What an ending means when the handler may have been cancelled: what it threw is the cancellation's doing then,
    /// and every other ending stands.
    func considering(_ cause: CancellationReason?, isCancelled: Bool) -> Ending {
        switch self {
        case .returned, .asked, .rejected, .undecodable, .neverRan, .timedOut, .shutDown, .interrupted: self
        case .threw:
            switch cause {
            case .deadline: .timedOut
            case .leaseLost: .interrupted
            case .shutdown: .shutDown
            case nil: isCancelled ? .shutDown : self
            }
        }
    }
}

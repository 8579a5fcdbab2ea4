// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Testing

/// Sequences in which model and server once differed, shrunk. What a failing seed prints goes here.
@Suite("Model and server, once different") struct DifferentialRegressions {
    static let sequences: [(name: String, sequence: CallSequence)] = [
        (
            "a retry in place behind a release",
            CallSequence([
                .join(3, group: 0, of: 0),
                .publish([2], to: 0),
                .receive(3, limit: 3),
                .settle(3, [.lease(2, 1, .release(0))]),
                .settle(3, [.lease(2, 1, .renew)]),
            ])
        ),
        (
            "a group that is rewound to before what is gone",
            CallSequence([
                .join(1, group: 0, of: 0),
                .publish([1, 2, 3], to: 0),
                .receive(1, limit: 1),
                .publish([4], to: 0),
                .maintain(.cap(3)),
                .rewind(0, of: 0, to: .earliest),
            ])
        ),
        (
            "a retry that is due, where sources take turns",
            CallSequence(
                visibility: 3_000,
                [
                    .join(1, group: 0, of: 0),
                    .join(3, group: 0, of: 0),
                    .publish([3], to: 0),
                    .receive(1, limit: 5),
                    .settle(1, [.lease(3, 1, .retry(5000))]),
                    .pass(1500),
                    .pass(5000),
                    .receive(3, limit: 2, suspects: 0),
                ])
        ),
        (
            "a lease of a group that another consumer made again",
            CallSequence(
                visibility: 90_000,
                [
                    .publish([1, 2, 3, 4, 5, 6], to: 0),
                    .join(4, group: 0, of: 0),
                    .join(5, group: 0, of: 0),
                    .receive(5, limit: 5),
                    .destroy(0, of: 0),
                    .receive(4, limit: 5),
                    .receive(4, limit: 5),
                    .receive(5, limit: 4),
                    .settle(5, [.lease(6, 1, .release(1000))]),
                ])
        ),
    ]

    @Test func theyDoTheSameNow() async throws {
        try await DifferentialRig.with { rig in
            for (name, sequence) in Self.sequences {
                let difference = try await rig.run(sequence)
                #expect(difference == nil, "\(name): \(String(describing: difference))")
            }
        }
    }
}

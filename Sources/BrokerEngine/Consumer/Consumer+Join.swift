// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// How a consumer joins its group.
extension Consumer {
    /// Joins the group; tries again with growing pauses until it succeeds or the consumer is drained.
    func join() async -> (any BrokerSubscription)? {
        var backoff = CallBackoff()
        while !isDraining {
            switch await subscribe() {
            case .success(let subscription):
                if backoff.succeed() { stations.calls.recovered(.subscribe) }
                return subscription
            case .failure(let error):
                if !isDraining { await pauseJoining(after: error, &backoff) }
            }
        }
        return nil
    }

    /// Subscribes; a drain cancels the call, since it has nothing to finish.
    private func subscribe() async -> Result<any BrokerSubscription, BrokerError> {
        await withTaskGroup(of: Result<any BrokerSubscription, BrokerError>?.self) { group in
            group.addTask { await self.provider.result(of: self.request) }
            group.addTask {
                while !self.isDraining, !Task.isCancelled { await self.joinSignal.waitUnlessCancelled() }
                return nil
            }
            for await result in group {
                group.cancelAll()
                if let result { return result }
            }
            return .failure(BrokerError(.cancelled, "joining was given up"))
        }
    }

    private func pauseJoining(after error: BrokerError, _ backoff: inout CallBackoff) async {
        let pause = stations.calls.failed(.subscribe, error, &backoff)
        await wait(until: stations.clock.now + pause, on: stations.clock)
    }

    private func wait(until instant: Instant, on clock: some BrokerClock) async {
        await joinSignal.waitUnlessCancelled(until: instant, on: clock)
    }
}

extension BrokerProvider {
    /// Subscribes, with the error as a value: typed throws do not cross a task group.
    fileprivate func result(of request: SubscriptionRequest) async -> Result<any BrokerSubscription, BrokerError> {
        do { return .success(try await subscribe(request)) } catch { return .failure(error) }
    }
}

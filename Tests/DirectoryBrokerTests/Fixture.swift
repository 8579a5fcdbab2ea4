// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import DirectoryBroker
import Foundation
import Logging
import Testing

func temporaryPath() -> String {
    FileManager.default.temporaryDirectory.appending(path: "streambroker-\(UUID().uuidString)").path
}

func provider(over path: String, clock: any BrokerClock) throws -> any BrokerProvider {
    let path = ConfigurationNode(.scalar(path, isQuoted: true))
    let options = [ConfigurationNode.Entry(key: "path", node: path), .init(key: "sync", node: "never")]
    var reader = ConfigurationReader(ConfigurationNode(.map(options)), path: ["brokers", "files"])
    let context = ProviderContext(broker: "files", streams: [], clock: clock, logger: Logger(label: "files"))
    return try #require(DirectoryProviderFactory().makeProvider(context, options: &reader))
}

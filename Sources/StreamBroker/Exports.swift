// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// An application needs one import: it exports the vocabulary, the registry and the in-memory provider.
@_exported public import BrokerCore
@_exported public import BrokerEngine
@_exported public import BrokerMemory
@_exported public import Logging

// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Testing

@Suite struct PageSizeTests {
    @Test func pagesGrowAsLongAsTheyAreFullAndNoFurther() {
        var size = PageSize()
        var sizes: [Int] = []
        for _ in 0..<6 {
            sizes.append(size.count)
            size.took(size.count, bytes: size.count * 100)
        }
        #expect(sizes == [16, 32, 64, 128, 256, 256])
        size.took(3, bytes: 300)
        #expect(size.count == 256, "a short page says nothing")
        size.took(0, bytes: 0)
        #expect(size.count == 256)
    }

    @Test func largeBodiesMakeSmallPages() {
        var size = PageSize()
        size.took(16, bytes: 16 << 20)
        #expect(size.count == 8)
        size.took(8, bytes: 8 * (5 << 20))
        #expect(size.count == 1)
        size.took(1, bytes: .max)
        #expect(size.count == 1)
    }

    @Test func whatCouldNotBeTakenIsHalvedDownToOne() {
        var size = PageSize(bound: 0)
        var sizes: [Int] = []
        while size.count > 1 {
            let isReadAgain = size.lost(size.count)
            #expect(isReadAgain)
            sizes.append(size.count)
        }
        #expect(sizes == [8, 4, 2, 1])
        #expect(size.count == 1)
    }

    @Test func oneEntryThatDidNotComeIsReadOnceMore() {
        var size = PageSize()
        var isReadAgain = [size.lost(1), size.lost(1)]
        size.took(1, bytes: 1)
        for entries in [1, 2, 1, 1] { isReadAgain.append(size.lost(entries)) }
        #expect(isReadAgain == [true, false, true, true, true, false])
    }
}

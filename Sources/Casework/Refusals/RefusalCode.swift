extension Refusal {
    /// Every kind of refusal. A code never changes: programs compare it, and the texts in `refusals` have it as their key.
    public enum Code: String, Sendable, CaseIterable {
        // Any field
        case required
        case empty
        case null
        case unknownField = "unknown-field"
        case repeated
        case notAString = "not-a-string"
        case notABoolean = "not-a-boolean"
        case notAnObject = "not-an-object"
        case belowLeast = "below-least"
        case outOfRange = "out-of-range"
        case numbersOutOfRange = "numbers-out-of-range"
        case tooManyNumbers = "too-many-numbers"
        case notAChoice = "not-a-choice"
        case notChoices = "not-choices"
        case tooFewChoices = "too-few-choices"
        case notADate = "not-a-date"
        case notAnInstant = "not-an-instant"
        case notADateOrInstant = "not-a-date-or-instant"
        case notAnEmailAddress = "not-an-email-address"
        case notAWebAddress = "not-a-web-address"
        case notAColor = "not-a-color"
        case tooPale = "too-pale"
        case notAPicture = "not-a-picture"
        case notACursor = "not-a-cursor"

        // Text
        case tooLong = "too-long"
        case tooShort = "too-short"
        case tooManyBytes = "too-many-bytes"
        case nulCharacter = "nul-character"
        case controlCharacter = "control-character"
        case lineBreak = "line-break"

        // What single fields mean
        case passwordIsAddress = "password-is-address"
        case passwordIsCommon = "password-is-common"
        case passwordIsName = "password-is-name"
        case unknownTimeZone = "unknown-time-zone"
        case notReady = "not-ready"
        case notInTheFuture = "not-in-the-future"
        case tooFarInTheFuture = "too-far-in-the-future"
        case alreadySaved = "already-saved"
        case notWithEverybody = "not-with-everybody"
        case twoDueDates = "two-due-dates"
        case openBrace = "open-brace"
        case unknownPlaceholders = "unknown-placeholders"
        case notLater = "not-later"
        case notEveryMilestone = "not-every-milestone"
        case twoShifts = "two-shifts"
        case noDatesToMove = "no-dates-to-move"
        case dateBeyondCalendar = "date-beyond-calendar"
        case unknownMilestone = "unknown-milestone"
        case noMilestoneChosen = "no-milestone-chosen"
        case unknownCohort = "unknown-cohort"
        case sameCohort = "same-cohort"
        case adminsShare = "admins-share"
        case noCohortChosen = "no-cohort-chosen"
        case unknownCategory = "unknown-category"
        case unknownDepartment = "unknown-department"
        case departmentOfAnother = "department-of-another"
        case notADirector = "not-a-director"
        case notStaff = "not-staff"
        case notInNetwork = "not-in-network"
        case cardReachesNobody = "card-reaches-nobody"
        case studentsHaveNoCard = "students-have-no-card"
        case addressOfNobody = "address-of-nobody"
        case addressOfNoStudent = "address-of-no-student"
        case addressOfArchived = "address-of-archived"
        case commentRequired = "comment-required"
        case nothingChosen = "nothing-chosen"
        case tooManyChosen = "too-many-chosen"
        case tooManyViews = "too-many-views"
        case noStudentsChosen = "no-students-chosen"
        case cohortNotChosen = "cohort-not-chosen"
        case groupNotChosen = "group-not-chosen"
        case commentMissing = "comment-missing"
        case fileNotChosen = "file-not-chosen"

        // Files
        case fileEmpty = "file-empty"
        case fileBeyondLimit = "file-beyond-limit"
        case fileNameMissing = "file-name-missing"
        case fileNameTooLong = "file-name-too-long"
        case fileInfected = "file-infected"
        case scannerAway = "scanner-away"
        case dispositionMissing = "disposition-missing"
        case dispositionMalformed = "disposition-malformed"
        case dispositionWithoutName = "disposition-without-name"
        case dispositionRepeats = "disposition-repeats"
        case fileNameCharset = "file-name-charset"
        case fileNameEncoding = "file-name-encoding"
        case fileNameNotUTF8 = "file-name-not-utf8"

        // Requests
        case tooManyParameters = "too-many-parameters"
        case notPercentEncoded = "not-percent-encoded"
        case tooManyFields = "too-many-fields"
        case csvOnly = "csv-only"
        case notAnIdempotencyKey = "not-an-idempotency-key"
        case keyOfAnotherRequest = "key-of-another-request"

        // CSV files
        case csvEmpty = "csv-empty"
        case foreignSeparator = "foreign-separator"
        case columnTwice = "column-twice"
        case columnsMissing = "columns-missing"
        case memberColumnMissing = "member-column-missing"
        case csvWorkbook = "csv-workbook"
        case uploadGone = "upload-gone"
        case tooManyMissing = "too-many-missing"
        case missingUnsure = "missing-unsure"
        case rowsUnusable = "rows-unusable"

        // Rows of a CSV file
        case rowNotUTF8 = "row-not-utf8"
        case rowLostCharacter = "row-lost-character"
        case rowNul = "row-nul"
        case rowTooLong = "row-too-long"
        case cellTooLong = "cell-too-long"
        case quotedCellTooLong = "quoted-cell-too-long"
        case tooManyCells = "too-many-cells"
        case wrongCellCount = "wrong-cell-count"
        case moreThanOneCell = "more-than-one-cell"
        case quoteNotClosed = "quote-not-closed"
        case strayQuote = "stray-quote"
        case textAfterQuote = "text-after-quote"
        case rowTwice = "row-twice"
        case numberTwice = "number-twice"
        case numberOfAnother = "number-of-another"
        case emptyForNewAccount = "empty-for-new-account"
        case nobodyHasIt = "nobody-has-it"
        case rowOfNoStudent = "row-of-no-student"
        case rowAddressOfNoStudent = "row-address-of-no-student"
        case rowArchived = "row-archived"
        case formulaCell = "formula-cell"
        case numberShortened = "number-shortened"
        case noSuchGroup = "no-such-group"
        case rowOfStudent = "row-of-student"
        case rowOfAdmin = "row-of-admin"

        // Conflicts
        case categoryNameTaken = "category-name-taken"
        case cohortNameTaken = "cohort-name-taken"
        case departmentNameTaken = "department-name-taken"
        case groupNameTaken = "group-name-taken"
        case addressTaken = "address-taken"
        case addressTakenByArchived = "address-taken-by-archived"
        case numberTaken = "number-taken"
        case cohortArchived = "cohort-archived"
        case groupArchived = "group-archived"
        case accountArchived = "account-archived"
        case categoryInUse = "category-in-use"
        case cohortInUse = "cohort-in-use"
        case departmentInUse = "department-in-use"
        case groupInUse = "group-in-use"
        case milestoneInUse = "milestone-in-use"
        case milestoneArchived = "milestone-archived"
        case sharedBeyondScope = "shared-beyond-scope"
        case alreadyShared = "already-shared"
        case accountInUse = "account-in-use"
        case accountTiedJustNow = "account-tied-just-now"
        case studentInCohort = "student-in-cohort"
        case lastAdmin = "last-admin"
        case notInvitable = "not-invitable"
        case noMail = "no-mail"
        case stepNotPossible = "step-not-possible"
        case nothingToExtend = "nothing-to-extend"
        case nothingAsked = "nothing-asked"
        case noExtension = "no-extension"
        case undoTooLate = "undo-too-late"
        case undoNotLast = "undo-not-last"
        case milestoneChanged = "milestone-changed"
        case accountsChanged = "accounts-changed"
        case requestRunning = "request-running"

        // Sizes
        case fileTooLarge = "file-too-large"
        case quotaExceeded = "quota-exceeded"
        case filesTooMany = "files-too-many"
        case tooManyRows = "too-many-rows"
        case csvTooLarge = "csv-too-large"
        case bodyTooLarge = "body-too-large"
        case formTooLarge = "form-too-large"

        // Kinds of bodies
        case notAMediaType = "not-a-media-type"
        case notUTF8 = "not-utf8"
        case notJSON = "not-json"
        case notCSV = "not-csv"
        case notJSONOrCSV = "not-json-or-csv"
        case notAForm = "not-a-form"

        // Broken bodies
        case malformedJSON = "malformed-json"
        case formNotUTF8 = "form-not-utf8"
        case formWithoutBoundary = "form-without-boundary"
        case formWithoutParts = "form-without-parts"
        case formNotEnded = "form-not-ended"
        case partWithoutHeader = "part-without-header"
        case partWithoutName = "part-without-name"
        case tooManyFiles = "too-many-files"

        // Whole requests
        case nothingHere = "nothing-here"
        case notAllowed = "not-allowed"
        case notSignedIn = "not-signed-in"
        case wrongPassword = "wrong-password"
        case notSetUp = "not-set-up"
        case notAccepted = "not-accepted"
        case rowsNotStored = "rows-not-stored"
        case changedSince = "changed-since"
        case tooManyAttempts = "too-many-attempts"
        case tooBusy = "too-busy"
        case databaseAway = "database-away"
        case schemaOutdated = "schema-outdated"
        case stopping
        case databaseSilent = "database-silent"
        case schemasUnknown = "schemas-unknown"
        case schemasOutdated = "schemas-outdated"
        case faultHere = "fault-here"
        case originUnproven = "origin-unproven"
        case methodNotTaken = "method-not-taken"
        case hostInvalid = "host-invalid"
        case bodyBroken = "body-broken"
        case addressTooLong = "address-too-long"
        case headerTooLong = "header-too-long"
    }

    /// Words within sentences that differ from language to language.
    public enum Term: String, Sendable, CaseIterable {
        case semicolons
        case tabs
        case active
        case suspended
        case archived
        case open
        case submitted
        case returned
        case completed
        case waived
        case submit
        case withdraw
        case complete
        case `return`
        case reopen
        case waive
        case byteOrderMark = "byte-order-mark"
        case notUTF8 = "not-utf8"
        case nothing
        case trailingText = "trailing-text"
        case noValue = "no-value"
        case tooDeep = "too-deep"
        case noName = "no-name"
        case noColon = "no-colon"
        case openObject = "open-object"
        case openArray = "open-array"
        case rawControlCharacter = "raw-control-character"
        case openString = "open-string"
        case unknownEscape = "unknown-escape"
        case halfSurrogate = "half-surrogate"
        case noDigit = "no-digit"
    }
}

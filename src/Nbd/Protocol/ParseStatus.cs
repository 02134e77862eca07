namespace SnapshotGrains.Nbd;

/// <summary>What a parser says about a span. Parsers neither throw nor keep state.</summary>
internal enum ParseStatus
{
    /// <summary>Parsed.</summary>
    Ok,

    /// <summary>The span ends too early; more bytes may follow.</summary>
    Incomplete,

    /// <summary>The magic number is wrong: the byte stream cannot be trusted any more.</summary>
    BadMagic,

    /// <summary>The message is complete but breaks a rule (NBD_REP_ERR_INVALID).</summary>
    Invalid,

    /// <summary>A string or list is longer than we take (NBD_REP_ERR_TOO_BIG).</summary>
    TooBig,
}

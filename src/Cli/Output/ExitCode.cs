namespace SnapshotGrains.Cli.Output;

/// <summary>What the program's exit codes mean; documented in <c>--help</c> and in the README.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Ok = 0;

    /// <summary>Failed for a reason that no other code names.</summary>
    public const int Failed = 1;

    /// <summary>The command line, a setting or a value in the request is wrong.</summary>
    public const int Usage = 2;

    /// <summary>The image, disk, key, node or file does not exist.</summary>
    public const int NotFound = 3;

    /// <summary>The name is taken, or the thing is in use.</summary>
    public const int Conflict = 4;

    /// <summary>No silo or image center answered in time; trying again may help.</summary>
    public const int Unavailable = 5;

    /// <summary>A key is revoked, removed, or cannot be unwrapped.</summary>
    public const int KeyUnavailable = 6;

    /// <summary>The access token is missing or wrong, or the server's certificate is not trusted.</summary>
    public const int Unauthorized = 7;

    /// <summary>Stopped by Ctrl-C or SIGTERM.</summary>
    public const int Interrupted = 130;

    /// <summary>All codes with their meaning, for help texts.</summary>
    public static IReadOnlyList<(int Code, string Meaning)> All { get; } =
    [
        (Ok, "done"),
        (Failed, "failed"),
        (Usage, "wrong usage: an option, argument or setting"),
        (NotFound, "not found: the image, disk, key, node or file"),
        (Conflict, "conflict: the name is taken, or the thing is in use"),
        (Unavailable, "no silo or image center answered in time; trying again may help"),
        (KeyUnavailable, "the key cannot be used: revoked, removed, or its key-encryption key is missing"),
        (Unauthorized, "the access token is missing or wrong, or the server's certificate is not trusted"),
        (Interrupted, "interrupted by Ctrl-C or SIGTERM"),
    ];

    /// <summary>The exit code for an error of stage <paramref name="code"/>.</summary>
    public static int Of(ErrorCode code) => code switch
    {
        ErrorCode.BadRequest => Usage,
        ErrorCode.NotFound => NotFound,
        ErrorCode.AlreadyExists or ErrorCode.InUse or ErrorCode.Fenced => Conflict,
        ErrorCode.ImageCenterUnavailable or ErrorCode.CacheExhausted
            or ErrorCode.SegmentTimeout or ErrorCode.SiloUnavailable => Unavailable,
        ErrorCode.KeyUnavailable => KeyUnavailable,
        ErrorCode.Unauthorized => Unauthorized,
        _ => Failed,
    };
}

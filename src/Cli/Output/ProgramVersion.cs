using System.Runtime.InteropServices;
using SnapshotGrains.Silo;

namespace SnapshotGrains.Cli.Output;

/// <summary>What this build is.</summary>
/// <param name="Version">The product's version.</param>
/// <param name="Engine">The grain engine it was built with.</param>
/// <param name="Runtime">The .NET runtime it runs on.</param>
internal sealed record ProgramVersion(string Version, string Engine, string Runtime)
{
    /// <summary>This build.</summary>
    public static ProgramVersion Current { get; } =
        new(SiloProcess.Version, SiloProcess.Engine, RuntimeInformation.FrameworkDescription);

    /// <inheritdoc />
    public override string ToString() => $"snapgrains {Version}, grain engine {Engine}, {Runtime}";
}

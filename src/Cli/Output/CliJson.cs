using System.Text.Encodings.Web;
using System.Text.Json;

namespace SnapshotGrains.Cli.Output;

/// <summary>How <c>--json</c> is written: the API's own form, one document a line.</summary>
internal static class CliJson
{
    // No browser reads this, so quotation marks need not be hidden from HTML.
    private static readonly JsonSerializerOptions Options = new(ApiJson.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The JSON of <paramref name="value"/>, in one line.</summary>
    public static string Of<T>(T value) => JsonSerializer.Serialize(value, Options);
}

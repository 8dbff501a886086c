using Microsoft.Extensions.Options;

namespace VoiceCarnival.Sessions;

/// <summary>What attributes cannot say about <see cref="LimitsOptions"/>: money, and the prices in the table.</summary>
internal sealed class LimitsOptionsValidator : IValidateOptions<LimitsOptions>
{
    private const string Path = "VoiceCarnival:Limits";
    private const decimal Most = 1_000_000;

    public ValidateOptionsResult Validate(string? name, LimitsOptions options)
    {
        var problems = new List<string>();
        Check("MaxSpendPerSession", options.MaxSpendPerSession);
        Check("MaxSpendPerDay", options.MaxSpendPerDay);
        foreach (var (model, price) in options.Prices)
        {
            foreach (var part in typeof(Spend.ModelPrice).GetProperties().Where(property => property.PropertyType == typeof(decimal)))
            {
                if (part.GetValue(price) is decimal value and (< 0 or > Most))
                    problems.Add(FormattableString.Invariant($"{Path}:Prices:{model}:{part.Name} must be between 0 and {Most} USD (is {value})"));
            }
        }

        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);

        void Check(string key, decimal? value)
        {
            if (value is <= 0 or > Most)
                problems.Add(FormattableString.Invariant($"{Path}:{key} must be more than 0 and at most {Most} USD, or null for no limit (is {value})"));
        }
    }
}

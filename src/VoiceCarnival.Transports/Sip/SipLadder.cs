using System.Globalization;
using System.Net;
using System.Text;

namespace VoiceCarnival.Transports.Sip;

/// <summary>One message of a call: what it was and when, nothing of what was in it.</summary>
/// <param name="At">When.</param>
/// <param name="IsIncoming">It came to us.</param>
/// <param name="Peer">Where from, or where to; empty for messages that were not kept.</param>
/// <param name="Summary">Its first line without addresses, and its number: <c>INVITE (1)</c>, <c>200 OK (1 INVITE)</c>.</param>
public sealed record SipLadderStep(DateTimeOffset At, bool IsIncoming, string Peer, string Summary);

/// <summary>The messages of a call in order, drawn as a ladder. No headers, bodies, names or numbers: there is nothing in it that is secret.</summary>
public sealed class SipLadder(IReadOnlyList<SipLadderStep> steps)
{
    private const int Lane = 46;

    /// <summary>The steps.</summary>
    public IReadOnlyList<SipLadderStep> Steps => steps;

    /// <summary>For terminals and mails.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{"",10}  peer{"",Lane - 4}here\n");
        foreach (var step in steps)
        {
            if (step.Peer.Length == 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"{"",10}  |{step.Summary.PadLeft((Lane + step.Summary.Length) / 2).PadRight(Lane)}|\n");
                continue;
            }

            string label = $" {step.Summary} ";
            string line = label.Length >= Lane - 2 ? label[..(Lane - 2)] : label.PadLeft((Lane - 2 + label.Length) / 2, '-').PadRight(Lane - 2, '-');
            string arrow = step.IsIncoming ? $"{line}->" : $"<-{line}";
            text.Append(CultureInfo.InvariantCulture, $"{Seconds(step),10}  |{arrow}|  {step.Peer}\n");
        }

        return text.ToString();
    }

    /// <summary>For pages.</summary>
    public string ToSvg()
    {
        const int left = 130, right = 570, top = 50, row = 28;
        int height = top + row * (steps.Count + 1);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 760 {height}\" width=\"760\" height=\"{height}\" font-family=\"ui-monospace, monospace\" font-size=\"12\" role=\"img\">");
        svg.Append("<title>Messages of the call</title><rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>");
        svg.Append("<defs><marker id=\"a\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto-start-reverse\"><path d=\"M0 0L8 4L0 8z\" fill=\"#234\"/></marker></defs>");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{left}\" y=\"24\" text-anchor=\"middle\">peer</text><text x=\"{right}\" y=\"24\" text-anchor=\"middle\">here</text>");
        svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{left} 32V{height - 8}M{right} 32V{height - 8}\" stroke=\"#9ab\"/>");
        int y = top;
        foreach (var step in steps)
        {
            var (from, to) = step.IsIncoming ? (left, right) : (right, left);
            if (step.Peer.Length > 0)
            {
                svg.Append(CultureInfo.InvariantCulture, $"<text x=\"8\" y=\"{y + 4}\" fill=\"#567\">{Seconds(step)}</text>");
                svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{from} {y}H{to}\" stroke=\"#234\" marker-end=\"url(#a)\"/>");
            }

            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{(left + right) / 2}\" y=\"{y - 4}\" text-anchor=\"middle\">{WebUtility.HtmlEncode(step.Summary)}</text>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{right + 8}\" y=\"{y + 4}\" fill=\"#567\">{WebUtility.HtmlEncode(step.Peer)}</text>");
            y += row;
        }

        return svg.Append("</svg>").ToString();
    }

    private string Seconds(SipLadderStep step) => (step.At - steps[0].At).TotalSeconds.ToString("F3", CultureInfo.InvariantCulture) + " s";
}

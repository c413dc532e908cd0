package wire

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"net/http"
	"reflect"

	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"
)

// Call is what the lab needs to know of a request before the simulator answers it.
type Call struct {
	Method  string
	This    types.ManagedObjectReference
	Session string // the session's key, "" if there is no such cookie
	Body    []byte
}

// ReadCall finds the method in a SOAP envelope: the first element of the body.
func ReadCall(body []byte) (*Call, error) {
	decoder := xml.NewDecoder(bytes.NewReader(body))
	inBody := false
	for {
		token, err := decoder.Token()
		if err != nil {
			return nil, fmt.Errorf("no SOAP request: %w", err)
		}
		start, ok := token.(xml.StartElement)
		switch {
		case !ok:
		case inBody:
			c := &Call{Method: start.Name.Local, Body: body}
			var request struct {
				This types.ManagedObjectReference `xml:"_this"`
			}
			if err := decoder.DecodeElement(&request, &start); err != nil {
				return nil, err
			}
			c.This = request.This
			return c, nil
		default:
			inBody = start.Name.Local == "Body"
		}
	}
}

const (
	EnvelopeHead = xml.Header + `<soapenv:Envelope xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/"` +
		` xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema"` +
		` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>`
	EnvelopeTail  = `</soapenv:Body></soapenv:Envelope>`
	faultEnvelope = EnvelopeHead + `<soapenv:Fault><faultcode>ServerFaultCode</faultcode>` +
		`<faultstring>%s</faultstring><detail>%s</detail></soapenv:Fault>` + EnvelopeTail
)

// encodeFault is the HTTP answer that carries a fault.
func encodeFault(fault *soap.Fault) (*Answer, error) {
	detail := fault.VimFault()
	if detail == nil {
		return nil, errors.New("a fault without a detail")
	}
	kind := reflect.Indirect(reflect.ValueOf(detail)).Type().Name()
	start := xml.StartElement{
		Name: xml.Name{Local: kind + "Fault"},
		Attr: []xml.Attr{
			{Name: xml.Name{Local: "xmlns"}, Value: "urn:vim25"},
			{Name: xml.Name{Local: "xsi:type"}, Value: kind},
		},
	}
	var encoded bytes.Buffer
	if err := xml.NewEncoder(&encoded).EncodeElement(detail, start); err != nil {
		return nil, err
	}
	a := NewAnswer(500)
	a.Header().Set("Content-Type", "text/xml; charset=utf-8")
	fmt.Fprintf(&a.Body, faultEnvelope, html.EscapeString(fault.String), encoded.String())
	return a, nil
}

// FaultAnswer is for faults that the lab makes itself, which can be encoded.
func FaultAnswer(fault *soap.Fault) *Answer {
	a, err := encodeFault(fault)
	if err != nil {
		a = NewAnswer(http.StatusInternalServerError)
		a.Body.WriteString(err.Error())
	}
	return a
}
